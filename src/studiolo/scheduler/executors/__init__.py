"""Where jobs run: on this machine, later also on others."""
