"""SN6xx: run directories, and other files on disk."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN601": code(
        "a file or a folder cannot be written",
        """
        The message has the words of the system: no permission, no room, a file where a folder should be. A file is
        written whole or not at all, so what stood there before is unharmed. Name another place, or make room. A run
        stops when a checkpoint cannot be saved; `specnet resume RUN` goes on from the one before.
        """,
        situation="`specnet run small.toml --out notes.txt/run`, where notes.txt is a file.",
    ),
    "SN602": code(
        "a file on disk cannot be read",
        """
        A file of a run, or a file that was named on the command line, is not there, no regular file, too large, not
        strict JSON or no table, or not listed by the manifest. The message says which. A file of a run is only written
        by specnet: run the spec again, or bring the directory back.
        """,
        situation="`specnet schema --check no.json`, where there is no such file.",
    ),
    "SN603": code(
        "tensors that cannot be stored or read",
        """
        `model.safetensors` holds float32 and float64 arrays with one table of metadata, laid out exactly as specnet
        writes it; anything else is refused before a number is used. A component whose state has another dtype cannot
        be stored. A checkpoint has its own digest, and is refused when it has changed by a bit.
        """,
        situation="A file of another program, under the name `model.safetensors`.",
    ),
    "SN604": code(
        "the run directory exists",
        """
        A run directory is never overwritten and never mixed with another: what is in it is one run. Name another
        directory with `--out`, or leave the option out; each run then gets one of its own below runs.
        """,
        situation="`specnet run small.toml --out best`, twice.",
    ),
    "SN605": code(
        "this is no run directory",
        """
        There is no such directory, or it has no `manifest.json` that names a format and lists its files. A run is the
        whole directory that `specnet run` has left: `runs/NAME-DATE-TIME-XXXX`, or what `--out` has named.
        """,
        situation="`specnet show runs`, where the runs are one folder below.",
    ),
    "SN606": code(
        "a run directory of another format",
        """
        The manifest has another format than this version of specnet reads, so its files may mean something else. Use
        the version that has written it, or run its spec again: that is in it, to the byte.
        """,
        situation="`specnet show RUN` with an older specnet than the one that trained.",
    ),
    "SN607": code(
        "a file has changed since the run",
        """
        The manifest has the size and the SHA-256 of each file of a run, and one of them is another now, or the file is
        gone. What the run says could no longer be trusted. Bring the file back as the run has written it, or run the
        spec again. Git may have changed the ends of lines.
        """,
        situation="A number is changed in `history.csv`; then `specnet show RUN`.",
    ),
    "SN608": code(
        "this is no file name for a run directory",
        """
        The files of a run lie side by side under plain names that mean the same on every system: letters, digits and
        `. _ -`, no device of Windows, no link that leads out of the directory. `manifest.json` is written by the seal
        alone.
        """,
        situation="A link in a run directory to a file elsewhere, which its manifest lists.",
    ),
    "SN609": code(
        "the stored weights do not fit the spec",
        """
        The tensors of `model.safetensors` or of a checkpoint have other names, shapes or dtypes than `resolved.json`
        plans, or what a scaler has learned is missing. The digests agree, so it was written like this, perhaps with
        another version of a plugin: the manifest lists the versions. Install those, or run the spec again.
        """,
        situation="A run with a layer of a plugin that plans other parameters since its last version.",
    ),
    "SN610": code(
        "a run without a result",
        """
        The status in the manifest is neither finished nor interrupted nor diverged: the run is still going on, or it
        was killed or lost power before it could write its weights. Wait for it, or go on with `specnet resume RUN`.
        """,
        situation="`specnet show RUN` while the run is training.",
    ),
    "SN611": code(
        "a run that was made with another version of a plugin",
        """
        The manifest says with which distributions a run was trained. One of them is installed in another version, whose
        formulas may be others, so that predictions could differ from those that were measured. The run is read all the
        same; the help says how to get the version that it was made with.
        """,
        situation="`specnet predict RUN` after `pip install -U specnet-acme`.",
        severity="warning",
    ),
    "SN612": code(
        "a run that would go on with something else",
        """
        `specnet resume` promises the weights of a run that was never broken off, and something of it is not as it was:
        the data, the spec file, a plugin, specnet, NumPy, or a schedule that depends on the number of epochs. The
        message names it. Bring it back, or say `--allow-change` with its name: the run then goes on, always with its
        own spec and scales, and its manifest says what had changed.
        """,
        situation="A row is added to `d.csv`; then `specnet resume RUN`.",
    ),
    "SN613": code(
        "no checkpoint to go on from",
        """
        A run that is to go on needs a whole checkpoint: one is kept when it is interrupted, and at its end when its
        spec has a `[checkpoint]`. Here there is none, or none of that name, or each is damaged, or the run has diverged
        and would do so again: the message then says how. Train it from the beginning: its spec is in it.
        """,
        situation="`specnet resume RUN --epochs 500` for a run that has finished, whose spec has no `[checkpoint]`.",
    ),
    "SN614": code(
        "another process is training this run",
        """
        A run is trained by one process at a time, or each would write over the checkpoints of the other. The system
        lets the lock go when that process ends, however it ends. Wait for it, or end it.
        """,
        situation="`specnet resume RUN` while `specnet run` is still training it.",
    ),
    "SN615": code(
        "a run that goes on with other threads or on another machine",
        """
        Matrix products add up in another order with another number of threads, another BLAS or another processor, and
        differ in the last digits. The run goes on, and its weights may differ as much. The message says what it was.
        """,
        situation="`OPENBLAS_NUM_THREADS=2 specnet resume RUN` for a run that began with one thread.",
        severity="warning",
    ),
    "SN616": code(
        "a run without an end cannot be reproduced",
        """
        `specnet reproduce` compares what is at the end of a training, and this one was interrupted before it came
        there, at a step that only the signal has chosen. Let it go on to its end with `specnet resume RUN`; that is
        reproduced as a run in one go is.
        """,
        situation="`specnet reproduce RUN` for a run that was ended by Ctrl-C.",
    ),
    "SN617": code(
        "a directory that is not removed",
        """
        `specnet runs rm` removes run directories, and asks twice what is one. A link is none, whatever it leads to, and
        the folder in which you stand is not taken away beneath your feet. Name the directory itself, from elsewhere.
        """,
        situation="`specnet runs rm latest`, where latest is a link to a run.",
    ),
}
"""Every code of this family."""
