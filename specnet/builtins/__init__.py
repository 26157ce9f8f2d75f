"""The components that come with specnet, each room registered by the hook that a third party would write."""
