"""What a module offers through its hooks, once pluggy and the contract of a component class have been asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specnet.component import KINDS, Component

if TYPE_CHECKING:
    import pluggy


def collect(
    manager: pluggy.PluginManager, module: Any, name: str, *, build: bool = False
) -> dict[tuple[str, str], type[Component]]:
    """The components of the module's own hook, none without one; who is refused leaves no trace in the manager.

    To `build` is to find the types of all fields at once, instead of those of each class when it is first used.
    """
    try:
        manager.register(module, name=name)
        manager.check_pending()
        offered = own_hook(manager, module, "specnet_components")()
        result: dict[tuple[str, str], type[Component]] = {}
        for cls in (cls for classes in offered for cls in classes):
            key = key_of(cls)
            if key in result:
                raise TypeError(f"the {key[0]} {key[1]!r} is offered twice")
            if build:
                cls.model_rebuild()  # raises for a field whose type cannot be found
            result[key] = cls
    except BaseException:
        if manager.get_plugin(name) is module:
            manager.unregister(module)
        raise
    return result


def own_hook(manager: pluggy.PluginManager, module: Any, hook: str) -> pluggy.HookCaller:
    """What calls the implementations of a hook in this module, and in no other."""
    return manager.subset_hook_caller(hook, [other for other in manager.get_plugins() if other is not module])


def key_of(cls: Any) -> tuple[str, str]:
    """(kind, name) of a component class. Raises TypeError for anything else."""
    base = KINDS.get(getattr(cls, "kind", ""))
    if base is None or not (isinstance(cls, type) and issubclass(cls, base)):
        raise TypeError(f"specnet_components() offers {cls!r}, which is no component class")
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise TypeError(f"{cls.__name__} is abstract: it lacks {', '.join(missing)}")
    name = cls.model_fields["type"].default
    if not isinstance(name, str):
        raise TypeError(f'{cls.__name__} has no name: write `type: Literal["..."] = "..."`')
    return cls.kind, name
