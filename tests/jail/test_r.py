"""R in the jail: what a hostile R script tries is contained as what a Python script tries (R-4.2, R-6.1)."""

from __future__ import annotations

import shutil

import pytest

from tests.jail.attacking import attack, attack_text
from tests.jail.hosts import HostProcess

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")

PRELUDE = r"""
say <- function(word, what) cat(word, ": ", gsub("\n", " ", what), "\n", sep = "")
# An attempt must raise, or give nothing: NULL, FALSE, no values, or an exit status of a program that is not there.
refused <- function(what, act) {
  say("TRIED", what)
  value <- tryCatch(suppressWarnings(act()), error = function(error) NULL)
  if (length(value) && !identical(value, FALSE) && !identical(as.integer(value), 127L))
    say("BREACH", paste(what, "gave", paste(format(value), collapse = " ")))
}
maml.mapOutputPort("done")
done <- data.frame(x = 1)
"""

TARGETS = "secret_file writable_file folder tcp victim"
START = """
import json
from studiolo.modules.r_language.execute_r_script import execute_r_script
known = "".join("%s <- %s\\n" % (name, json.dumps(V[name])) for name in TARGETS.split())
execute_r_script(script=PRELUDE + known + SCRIPT)
"""


def r(script: str) -> str:
    """Give the attack that runs an R script as a node of Execute R Script does."""
    return f"PRELUDE, SCRIPT, TARGETS = {PRELUDE!r}, {script!r}, {TARGETS!r}\n{START}"


FILES = """
refused("read the secret", function() readLines(secret_file))
refused("see the secret", function() file.exists(secret_file))
refused("list a folder of the host", function() list.files(folder))
refused("copy the secret", function() file.copy(secret_file, "mine.txt"))
refused("write to a file of the host", function() { cat("x", file = writable_file, append = TRUE); "written" })
refused("delete a file of the host", function() file.remove(writable_file))
refused("change a mode", function() Sys.chmod(writable_file, "777"))
file.symlink(secret_file, "link")
refused("read through a link", function() readLines("link"))
refused("read passwords", function() readLines("/etc/shadow"))
refused("read R's own settings", function() readLines("/etc/R/Rprofile.site"))
refused("write into R's library", function() { dir.create(file.path(.Library, "mine")) })
refused("write into the site library", function() dir.create("/usr/local/lib/R/site-library/mine"))
refused("write to the root", function() file.create("/left"))
"""
NETWORK = """
address <- paste0("http://127.0.0.1:", tcp, "/")
refused("read an address", function() readLines(url(address)))
refused("open a connection", function() socketConnection("127.0.0.1", tcp, blocking = TRUE, timeout = 2))
refused("download a file", function() { download.file(address, "got", quiet = TRUE, method = "libcurl"); "got" })
refused("install a package", function() {
  install.packages("praise", lib = ".", repos = address, quiet = TRUE)
  list.files(pattern = "praise")
})
refused("ask for a name", function() nsl("example.org"))
"""
PROCESSES = """
refused("kill a process of the host", function() tools::pskill(victim, 9L))
refused("stop a process of the host", function() tools::pskill(victim, tools::SIGSTOP))
refused("see a process of the host", function() readLines(sprintf("/proc/%d/environ", victim)))
refused("count the machine's processes", function() setdiff(grep("^[0-9]+$", list.files("/proc"), value = TRUE),
                                                           as.character(1:1000)))
refused("start a shell", function() system("id", intern = TRUE))
refused("start a program", function() system2("/bin/ls", stdout = TRUE))
refused("load a library of one's own", function() {
  file.copy(file.path(R.home("library"), "stats", "libs", "stats.so"), "own.so")
  dyn.load("own.so")
  "loaded"
})
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(FILES, id="files"),
        pytest.param(NETWORK, id="network"),
        pytest.param(PROCESSES, id="processes"),
    ],
)
def test_what_an_r_script_tries_is_contained(jail: HostProcess, script: str) -> None:
    """R-4.2: jailed alike; R's own ways to files, network and processes lead nowhere either."""
    attack(jail, r(script))


def test_an_r_script_that_forks_without_end_is_stopped(jail: HostProcess) -> None:
    """R-6.1: limits on processes hold for R's forks, and they die with the job."""
    script = """
      say("TRIED", "fork without end")
      library(parallel)
      forked <- 0
      repeat {
        child <- tryCatch(mcparallel(Sys.sleep(600)), error = function(error) NULL)
        if (is.null(child)) break
        forked <- forked + 1
        if (forked > 5000) { say("BREACH", "thousands of processes"); break }
      }
    """
    attack(jail, r(script))


def test_an_r_script_that_writes_to_the_pipe_of_its_result_fails_alone(jail: HostProcess) -> None:
    """R-6.3: an answer that is none is an error of the script, told in words."""
    script = """
      say("TRIED", "write to the pipe")
      for (number in commandArgs(trailingOnly = TRUE)) {
        pipe <- tryCatch(file(paste0("/proc/self/fd/", number), "wb", raw = TRUE), error = function(error) NULL)
        if (!is.null(pipe)) { writeBin(as.integer(c(7, -5, 2147483647, 1:1000)), pipe); flush(pipe) }
      }
    """
    reply = attack(jail, r(script), ends_with="script-raised")
    assert "R gave an answer that is none" in reply.summary


def test_what_an_r_script_starts_dies_with_its_job(jail: HostProcess) -> None:
    """R-6.1: everything dies with the job, also a process that holds the result's pipe open."""
    script = """
      say("TRIED", "leave a process behind")
      parallel::mcparallel({ Sys.sleep(600) }, detached = TRUE)
    """
    attack(jail, r(script))


def test_a_jail_that_starts_no_processes_says_so() -> None:
    """R-6.2: without namespaces a job can't start R, and the error names the reason and the way out."""
    with HostProcess("ordinary", denied=["namespaces"], allow_badge="reduced") as bare:
        assert bare.refused is None, bare.refused
        reply = bare.run(attack_text(r("say('BREACH', 'R has started')"), bare.facts))
    assert "BREACH" not in reply.log
    assert reply.summary == (
        "ModuleError: R could not be started: the jail of this machine lets no job start a process."
    )
