"""The bodies of requests and replies: the forms that old and new clients speak, to frames and back.

Pure functions of bytes: no I/O, no web framework. Whatever the bytes are, reading gives a `Request` or raises
`ServiceProblem`, nothing else.
"""
