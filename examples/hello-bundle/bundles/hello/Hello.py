"""A file of the bundle, imported by the script as if it lay beside it."""


def print_hello(name):
    """Print a greeting and give it back."""
    greeting = f"Hello, {name}!"
    print(greeting)
    return greeting
