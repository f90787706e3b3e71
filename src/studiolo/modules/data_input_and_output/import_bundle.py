"""Import Bundle: takes a zip from a file or address, checks it and hands it on as a script bundle."""

from studiolo.formats import zips
from studiolo.sdk import Address, ModuleError, Path, SourceFile, ZipPort, module


@module(
    id="import-bundle",
    name="Import Bundle",
    category="Data Input and Output",
    outputs=[ZipPort("bundle", label="Script bundle")],
    parameters=[
        Path("path", label="File", help="A zip of the workspace. Give either this or an address."),
        Address(
            "address",
            label="Address",
            help="Where to fetch a zip from: https://…, s3://… or azure://…. Passwords and keys stand in it as "
            "{secret:NAME}.",
            accepts=("https", "http", "s3", "azure"),
        ),
    ],
)
def import_bundle(*, path: SourceFile | None = None, address: SourceFile | None = None) -> bytes:
    """Take a zip as script bundle for Execute Python Script.

    The zip is handed on as it is after a check: entries with absolute names or names that lead out of the
    folder, links, encrypted entries and zips that grow without measure are refused with the entry's name.

    In the example `bundles/tools.zip` is a zip with a file `tools.py`, which has a function `double`.

    Example:
        tools:
          module: import-bundle
          parameters: {path: bundles/tools.zip}
        doubled:
          module: execute-python-script
          script: scripts/doubled.py
          inputs: {script_bundle: tools}

    scripts/doubled.py:
        import pandas as pd
        from tools import double

        def azureml_main():
            return pd.DataFrame({"doubled": [double(1), double(2)]})
    """
    if (path is None) == (address is None):
        raise ModuleError(
            "Import Bundle needs either a file or an address.",
            "Set one of the parameters `path` and `address`.",
            code="bad-parameter",
            parameter="path",
        )
    source = path if path is not None else address
    assert source is not None
    zips.check(source)
    return source.read()
