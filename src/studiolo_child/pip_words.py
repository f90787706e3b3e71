"""Reads commands that scripts give to a shell or start as a program, as far as they are commands of pip.

There is no shell in the jail. What is understood: pip under its names and as `python -m pip`, several commands with
`&&`, `||` and `;`, quotes, variables, and output to a file. A text that holds anything else is no command of pip.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import re
import sys

_PIP = re.compile(r"^pip[23]?(\.\d+)?(\.exe)?$")
_PYTHON = re.compile(r"^(python|pypy)[23]?(\.\d+)?(\.exe)?$")
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.\-]*(\[[^\]]*\])?([<>=!~].*)?$")
_COMPARISON = re.compile(r"[<>]=?\s?\d|[<>]=")
_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")
_TARGET = re.compile(r"\s*([^\s;&|<>()'\"`$]+)")

# Options that are followed by a value.
_WITH_VALUE = frozenset(
    "--python --log --log-file --proxy --timeout --default-timeout --retries --exists-action --trusted-host --cert "
    "--client-cert --cache-dir --keyring-provider --use-feature --use-deprecated -c --constraint -r --requirement -e "
    "--editable -t --target --platform --python-version --implementation --abi --root --prefix -b --build --src "
    "--source --upgrade-strategy --install-option --global-option --no-binary --only-binary --progress-bar "
    "--root-user-action -C --config-settings --report -i --index-url --pypi-url --extra-index-url -f --find-links "
    "--group --resume-retries -d --dest --download --build-option --build-constraint".split()
)
# Where packages go is decided by the jail; what is loaded already can't be installed anew.
_DROPPED = frozenset(
    "--user --break-system-packages -I --ignore-installed --force-reinstall -t --target --prefix --root --cache-dir "
    "--python --require-virtualenv --progress-bar".split()
)


class Command(object):
    """One command of pip.

    Attributes:
        name: such as `install`; "" when there is none.
        options: pairs of an option and its value or None, in order.
        names: what else is given: requirements, paths, names of packages.
        out: `[path, is appended]` for its output, or None.
        error: the same for its errors, or `out`, or None.
        after: `;`, `&&` or `||` as it stands before the command.
    """

    def __init__(self, arguments, out=None, error=None, after=";"):
        self.name, self.options, self.names = "", [], []
        self.out, self.error, self.after = out, error, after
        self._read(list(arguments))

    def _read(self, waiting):
        while waiting:
            word = waiting.pop(0)
            if word == "--":
                self.names += waiting
                return
            if word.startswith("--"):
                flag, sign, value = word.partition("=")
                if not sign and flag in _WITH_VALUE and waiting:
                    value, sign = waiting.pop(0), "="
                self.options.append((flag, value if sign else None))
            elif word.startswith("-") and len(word) > 1:
                self._read_letters(word[1:], waiting)
            elif self.name:
                self.names.append(word)
            else:
                self.name = word

    def _read_letters(self, letters, waiting):
        for place, letter in enumerate(letters):
            flag, rest = "-" + letter, letters[place + 1 :]
            if flag in _WITH_VALUE:
                self.options.append((flag, rest or (waiting.pop(0) if waiting else "")))
                return
            self.options.append((flag, None))

    def has(self, *flags):
        """Say whether one of these options is given."""
        return any(flag in flags for flag, _ in self.options)

    def values(self, *flags):
        """Give the values of these options in order."""
        return [value for flag, value in self.options if flag in flags and value]

    def arguments(self, more=()):
        """Give the words for pip, less the options that make no sense in a job, with `more` options."""
        words = [self.name] if self.name else []
        is_install = self.name == "install"
        for flag, value in self.options:
            if is_install and flag in _DROPPED:
                continue
            if value is None:
                words.append(flag)
            elif flag.startswith("--"):
                words.append("%s=%s" % (flag, value))
            else:
                words += [flag, value]
        words += more
        return words + (
            ["--"] + self.names if any(name.startswith("-") for name in self.names) else self.names
        )


def commands_of(command, is_shell):
    """Give the commands of pip that a command consists of, or None when it is anything else.

    Args:
        command: a text, or a sequence of words.
        is_shell: it is for a shell, as with `os.system`.
    """
    try:
        if isinstance(command, (type(""), bytes)) or hasattr(command, "__fspath__"):
            words = as_text(command)
            return _shell_commands(words) if is_shell else _one([words])
        words = [as_text(word) for word in command]
        return _shell_commands(words[0]) if is_shell else _one(words)
    except (ValueError, TypeError, IndexError, UnicodeError):
        return None


def as_text(word):
    """Give a word of a command as text.

    Raises:
        TypeError: it is none.
    """
    if hasattr(word, "__fspath__"):
        word = word.__fspath__()
    if isinstance(word, bytes):
        word = word.decode("utf-8")
    if not isinstance(word, type("")):
        raise TypeError("not a text")
    return word


def _one(words):
    arguments = _pip_arguments(words)
    return None if arguments is None else [Command(arguments)]


def _pip_arguments(words):
    """Give what follows `pip` or `python -m pip`, or None."""
    words = list(words)
    while words and words[0] in ("sudo", "-H", "exec"):
        words.pop(0)
    program = os.path.basename(words[0]) if words else ""
    if _PIP.match(program):
        return words[1:]
    if not program or not (_PYTHON.match(program) or words[0] == as_text(sys.executable)):
        return None
    for place, word in enumerate(words[1:], 1):
        if word == "-mpip":
            return words[place + 1 :]
        if word == "-m":
            return words[place + 2 :] if words[place + 1 : place + 2] == ["pip"] else None
        if not re.match("^-[BEIOSsu]+$", word):
            return None
    return None


def _shell_commands(text):
    if "pip" not in text:
        return None
    found, words, sent, after = [], [], {}, ";"
    for kind, value in _tokens(text) + [("divider", ";")]:
        if kind == "word":
            words.append(value)
        elif kind == "send":
            sent.update(value)
        else:
            if words:
                arguments = _pip_arguments(words)
                if arguments is None:
                    return None
                found.append(Command(arguments, sent.get(1), sent.get(2), after))
            words, sent, after = [], {}, value
    return found or None


def _tokens(text):
    """Split a command as a shell does.

    Raises:
        ValueError: it holds what is not understood here.
    """
    tokens, word, place = [], None, 0
    while place < len(text):
        more, after = _part_of_word(text, place, word)
        if after > place:
            word, place = (word or "") + more, after
            continue
        sent = None
        if text[place] == ">" or text.startswith("&>", place):
            number = word if word is not None and word.isdigit() else None
            word = None if number else word
            sent, after = _sending(text, place, number)
        if word is not None:
            tokens.append(("word", word))
            word = None
        if sent is not None:
            tokens.append(("send", sent))
            place = after
        else:
            divider, place = _divider(text, place)
            tokens += [("divider", divider)] if divider else []
    return tokens + ([] if word is None else [("word", word)])


def _part_of_word(text, place, word):
    """Read what adds to a word; give its text and the place behind, which is the same when nothing does."""
    sign = text[place]
    if sign in "'\"":
        return _quoted(text, place)
    if sign == "\\" and not text.startswith("\n", place + 1):
        return text[place + 1 : place + 2], place + 2
    if sign == "$":
        return _variable(text, place)
    if sign in "<>" and _is_compared(word, text[place:]):
        return sign, place + 1
    if sign in "()`" or (sign in "~*?" and not word):
        raise ValueError(sign)
    if sign in " \t\n\\;&|<>" or (sign == "#" and word is None):
        return "", place
    return sign, place + 1


def _divider(text, place):
    """Read what stands between words; give what divides commands, or "", and the place behind."""
    if text[place] == "#":
        return "", (text + "\n").index("\n", place)
    if text[place] in " \t\\":  # a backslash: the command goes on in the next line
        return "", place + (2 if text[place] == "\\" else 1)
    if text[place] in "\n;":
        return ";", place + 1
    if text[place : place + 2] in ("&&", "||"):
        return text[place : place + 2], place + 2
    raise ValueError(text[place])


def _is_compared(word, rest):
    """Say whether `<` or `>` belongs to a requirement that nobody has quoted, such as `pandas>=2`."""
    return bool(
        word and not word.isdigit() and _REQUIREMENT.match(word.rstrip(",")) and _COMPARISON.match(rest)
    )


def _quoted(text, place):
    quote, value = text[place], ""
    place += 1
    while text[place] != quote:
        if quote == '"' and text[place] == "\\" and text[place + 1] in '"\\$`\n':
            value += text[place + 1]
            place += 2
        elif quote == '"' and text[place] == "$":
            more, place = _variable(text, place)
            value += more
        elif quote == '"' and text[place] == "`":
            raise ValueError("`")
        else:
            value += text[place]
            place += 1
    return value, place + 1


def _variable(text, place):
    match = _VARIABLE.match(text, place)
    if match is None:
        raise ValueError("$")
    return as_text(os.environ.get(str(match.group(1).strip("{}")), "")), match.end()


def _sending(text, place, word):
    """Read `>`, `2>`, `>>`, `2>&1` and `&>`; give where the streams 1 and 2 go, and the place behind."""
    if text[place] == "&":
        streams = [1, 2]
        place += 1
    else:
        streams = [int(word or "1")]
    place += 1
    is_appended = text[place : place + 1] == ">"
    place += is_appended
    if text[place : place + 1] == "&":
        match = re.compile("&[12]").match(text, place)
        if match is None or streams not in ([1], [2]):
            raise ValueError("&")
        return ({2: "out"} if streams == [2] and match.group() == "&1" else {}), match.end()
    match = _TARGET.match(text, place)
    if match is None or streams not in ([1], [2], [1, 2]):
        raise ValueError(">")
    target = [match.group(1), is_appended]
    return ({1: target, 2: "out"} if len(streams) == 2 else {streams[0]: target}), match.end()
