# install.packages() for packages of a script bundle: R's own starts a shell, and the jail shows none. Part of
# session.R, in whose environment it is evaluated. Nothing is compiled, and nothing comes from the network.

own_install_packages <- function(pkgs, lib, repos = getOption("repos"), ...) {
  if (missing(pkgs) || !is.null(repos))
    stop("A job installs no packages from a repository. Install it on the machine, as in apt-get install r-cran-NAME; ",
         "a package of the script bundle is installed by install.packages(\"src/NAME.zip\", lib = \".\", repos = NULL).",
         call. = FALSE)
  if (missing(lib) || is.null(lib)) lib <- "."
  if (!dir.exists(lib)) stop(sprintf("The folder %s is not there.", shown(lib)), call. = FALSE)
  lib <- normalizePath(lib)
  for (path in pkgs) install_one(path, lib)
  .libPaths(c(lib, .libPaths()))  # what a package imports may have been installed beside it
  invisible(NULL)
}

install_one <- function(path, lib) {
  fail <- function(why) stop(sprintf("%s can't be installed: %s.", shown(path), why), call. = FALSE)
  if (!file.exists(path)) fail("it is not there")
  folder <- path
  if (!dir.exists(path)) {
    folder <- tempfile("package-")
    if (grepl("\\.zip$", path)) utils::unzip(path, exdir = folder) else utils::untar(path, exdir = folder, tar = "internal")
  }
  if (!file.exists(file.path(folder, "DESCRIPTION"))) {
    inner <- dirname(list.files(folder, "^DESCRIPTION$", recursive = TRUE, full.names = TRUE))
    inner <- inner[!grepl("Script Bundle", inner, fixed = TRUE) | folder == path]
    if (!length(inner)) fail("it holds no package")
    folder <- inner[which.min(nchar(inner))]
  }
  facts <- read.dcf(file.path(folder, "DESCRIPTION"))[1, ]
  name <- facts[["Package"]]
  if (dir.exists(file.path(folder, "src")) || length(list.files(file.path(folder, "libs"))))
    fail("it holds code that has to be compiled; install it on the machine")
  if ("Built" %in% names(facts)) {
    built <- sub("^R ([0-9.]+);.*", "\\1", facts[["Built"]])
    if (package_version(built) < "4.0.0")
      fail(sprintf("it was built for R %s, and R %s can't read it; put its source into the bundle", built, getRversion()))
    file.copy(folder, lib, recursive = TRUE)
  } else install_source(folder, name, lib)
  message("installed ", name, " in ", lib)
}

# Does the part of R CMD INSTALL that needs no program; R's own functions for it are internal to tools.
install_source <- function(folder, name, lib) {
  part <- function(function_name) get(function_name, envir = asNamespace("tools"))
  target <- file.path(lib, name)
  dir.create(target, showWarnings = FALSE)
  part(".install_package_description")(folder, target)
  file.copy(file.path(folder, "NAMESPACE"), target)
  if (dir.exists(file.path(folder, "inst")))
    file.copy(list.files(file.path(folder, "inst"), full.names = TRUE), target, recursive = TRUE)
  part(".install_package_namespace_info")(folder, target)
  part(".install_package_code_files")(folder, target)
  if (file.exists(data <- file.path(folder, "R", "sysdata.rda"))) part("sysdata2LazyLoadDB")(data, file.path(target, "R"))
  if (dir.exists(file.path(folder, "data"))) {
    file.copy(file.path(folder, "data"), target, recursive = TRUE)
    part("data2LazyLoadDB")(name, lib)
  }
  code <- part("makeLazyLoading")
  code(name, lib)
}
