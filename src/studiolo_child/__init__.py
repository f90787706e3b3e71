"""The code of studiolo that runs inside the jail, on Python 2.7 and 3.6 to 3.14.

It imports the standard library, numpy, pandas and, where the environment has it, pyarrow. It does not import
anything of the package `studiolo`.
"""
