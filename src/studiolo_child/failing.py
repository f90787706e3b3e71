"""The error that ends a job with a sentence for the author instead of a stack trace."""

from __future__ import absolute_import, division, print_function, unicode_literals


class JobError(Exception):
    """Something the author can mend, found by the code around their script.

    Args:
        code: stable name of the kind of error; `docs/errors/<code>.md` explains it.
        summary: one sentence that names the thing that is wrong.
        hint: what to do next; may be empty.
        kind: `user` for a wrong node, parameter or bundle; `script` for a fault in the author's code; `worker` for
            a limit of the job.
        place: `file`, `line`, `column`, `parameter` or `port` where they are known; `details` with the figures
            `used` and `allowed` of a limit.
    """

    def __init__(self, code, summary, hint="", kind="user", **place):
        super(JobError, self).__init__(summary)
        self.code = code
        self.summary = summary
        self.hint = hint
        self.kind = kind
        self.place = place

    def to_json(self):
        """Give the error as the report holds it."""
        error = {"kind": self.kind, "code": self.code, "summary": self.summary, "hint": self.hint}
        error.update(self.place)
        return error
