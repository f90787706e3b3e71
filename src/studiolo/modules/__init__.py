"""The built-in modules, one file each; they run inside the jail, and nothing on the host imports them."""
