# Runs the script of Execute R Script: reads its tables, calls it by its contract, writes what it gives. Started by
# r_process.py inside the jail, with the numbers of two pipes as arguments. Uses base R only.
compiler::enableJIT(0L)  # compiling this file, used once, would take longer than running it

# R asks a shell for the programs on PATH, and the jail shows none: R's own packages would not load.
local({
  which <- function(names) {
    folders <- strsplit(Sys.getenv("PATH"), .Platform$path.sep, fixed = TRUE)[[1]]
    found <- vapply(names, function(name) {
      paths <- if (grepl("/", name, fixed = TRUE)) name else file.path(folders, name)
      paths <- paths[file.access(paths, 1L) == 0L & !dir.exists(paths)]
      if (length(paths)) paths[1] else ""
    }, "")
    structure(found, names = names)
  }
  environment(which) <- baseenv()
  unlockBinding("Sys.which", baseenv())
  assign("Sys.which", which, envir = baseenv())
  lockBinding("Sys.which", baseenv())
  Sys.unsetenv("R_DEFAULT_PACKAGES")
  usual <- c("datasets", "utils", "grDevices", "graphics", "stats", "methods")
  options(defaultPackages = usual)
  for (name in c("methods", usual[1:5])) library(name, character.only = TRUE, warn.conflicts = FALSE)
})

numbers <- commandArgs(trailingOnly = TRUE)
source_of <- file(paste0("/proc/self/fd/", numbers[1]), "rb", raw = TRUE)
for (name in c("exchange.R", "packages.R"))
  sys.source(file.path(Sys.getenv("STUDIOLO_R_SESSION"), name), environment(), keep.source = FALSE)

# ---- errors ---------------------------------------------------------------------------------------------

one_line <- function(call, limit) {
  text <- paste(trimws(deparse(call, width.cutoff = 500L, nlines = 5L)), collapse = " ")
  if (nchar(text) > limit) paste0(substr(text, 1L, limit), "...") else text
}

# The lines of the statements that contain a call, each within its innermost block.
lines_with <- function(expression, wanted) {
  if (!is.call(expression)) return(integer())
  if (identical(without_marks(expression), wanted)) return(0L)
  references <- attr(expression, "srcref")
  found <- integer()
  for (place in seq_along(expression)) {
    if (!is.call(expression[[place]])) next
    inner <- lines_with(expression[[place]], wanted)
    if (is.list(references) && length(references) >= place) inner[inner == 0L] <- references[[place]][1]
    found <- c(found, inner)
  }
  found
}
without_marks <- function(call) {
  attributes(call) <- NULL
  call
}
is_call_of <- function(call, name) identical(call[[1]], as.symbol(name))
file_of <- function(reference) if (is.null(reference)) "" else attr(reference, "srcfile")$filename

# An error at the top level of the script was raised by our own call, as far as R knows.
call_of <- function(error) {
  call <- conditionCall(error)
  if (identical(call, quote(eval(expression, place)))) NULL else call
}

# Messages may be of any kind, and methods of the script give them.
message_of <- function(error) tryCatch(
  clean(paste(as.character(conditionMessage(error)), collapse = "\n")), error = function(e) "")

put_error <- function(error, trace) {
  is_ours <- inherits(error, "studiolo_refusal")
  put_integer(1L)
  put_text(if (is_ours) error$what else "raised")
  put_text(message_of(error))
  put_text(if (is_ours) error$hint else "")
  put_text(if (is.null(call_of(error))) "" else one_line(call_of(error), 200L))
  put_integer(if (is.null(trace$line)) 0L else trace$line)
  put_integer(if (is.null(trace$column)) 0L else trace$column)
  put_text(paste(trace$lines, collapse = "\n"))
}

# Tells an error as the author sees it: their calls with their lines, no call of this file.
trace_of <- function(error, calls, functions, first, top) {
  last <- length(calls)
  if (last > first && is_call_of(calls[[last]], "h")) last <- last - 1L
  if (last > first && is_call_of(calls[[last]], ".handleSimpleError")) last <- last - 1L
  places <- if (last > first) seq(first + 1L, last) else integer()
  line <- top$line
  block <- top$expression
  lines <- character()
  for (place in places) {
    reference <- attr(calls[[place]], "srcref")
    here <- if (identical(file_of(reference), name_of_script)) reference[1]
            else if (place == first + 1L) top$line
    if (!is.null(here)) line <- here
    at <- if (is.null(here)) "" else sprintf(" at %s:%d", name_of_script, here)
    lines <- c(lines, paste0("  ", one_line(calls[[place]], 120L), at))
    is_of_script <- identical(file_of(attr(functions[[place]], "srcref")), name_of_script)
    if (is_of_script) block <- body(functions[[place]])
  }
  failed <- call_of(error)
  is_frame <- any(vapply(calls[places], function(call) identical(without_marks(call), without_marks(failed)), NA))
  if (is.call(failed) && !is_frame) {  # of a function without a frame, such as + or log
    known <- unique(lines_with(block, without_marks(failed)))
    if (length(known) == 1L && known > 0L) line <- known
  }
  if (length(lines) > 60L)
    lines <- c(lines[1:20], sprintf("  ... %d calls left out ...", length(lines) - 50L),
               lines[seq(length(lines) - 29L, length(lines))])
  head <- if (is.null(failed)) "Error" else paste("Error in", one_line(failed, 120L))
  head <- paste0(head, ": ", message_of(error))
  if (!is.null(line)) head <- paste0(head, sprintf("\n  at %s:%d", name_of_script, line))
  list(line = line, lines = c(head, if (length(lines)) c("Calls (innermost last):", lines)))
}

# ---- running --------------------------------------------------------------------------------------------

text_of_script <- get_text()
name_of_script <- get_text()
seed <- get_integer()
tables <- list(get_table(), get_table())
close(source_of)

trace <- list()
top <- list(expression = NULL, line = NULL)

# Evaluates an expression of the script or a call of its function, and remembers where an error came from.
evaluate <- function(expression, place) {
  first <- sys.nframe() + 4L  # withCallingHandlers, withVisible, eval, eval
  withCallingHandlers(
    withVisible(eval(expression, place)),
    error = function(error) {
      options(expressions = 5e5L)  # the error may be that the calls are too deep
      count <- sys.nframe() - 1L
      calls <- sys.calls()[seq_len(count)]
      functions <- lapply(seq_len(count), sys.function)
      trace <<- tryCatch(trace_of(error, calls, functions, first, top), error = function(e) list(line = top$line))
    })
}
lines_of_script <- strsplit(gsub("\r\n?", "\n", sub("^\ufeff", "", text_of_script)), "\n", fixed = TRUE)[[1]]

# Text from web pages has no-break spaces; where R can't read it for them they are spaces, as in Python scripts.
without_no_break <- function() {
  spaced <- gsub("\u00a0", " ", lines_of_script, fixed = TRUE)
  if (identical(spaced, lines_of_script)) return()
  can_read <- function(lines)
    tryCatch({ parse(text = lines, keep.source = FALSE, encoding = "UTF-8"); TRUE }, error = function(error) FALSE)
  if (can_read(lines_of_script) || !can_read(spaced)) return()
  message("The script's no-break spaces (U+00A0, as pasted from a web page) were read as spaces.")
  lines_of_script <<- spaced
}

parsed <- function() {
  without_no_break()
  copy <- srcfilecopy(name_of_script, lines_of_script, isFile = FALSE)
  tryCatch(
    parse(text = lines_of_script, srcfile = copy, keep.source = TRUE, encoding = "UTF-8"),
    error = function(error) {
      said <- conditionMessage(error)
      at <- regmatches(said, regexec(":([0-9]+):([0-9]+):", said))[[1]]
      if (length(at) == 3L) trace <<- list(line = as.integer(at[2]), column = as.integer(at[3]), lines = said)
      refuse("syntax", sub("\n.*", "", sub("^.*?:[0-9]+:[0-9]+: ", "", said)), "")
    })
}

maml <- list(name = NULL, place = NULL)
attach(list(
  maml.mapInputPort = function(port) {
    if (!(length(port) == 1L && port %in% c(1, 2))) stop("maml.mapInputPort takes 1 or 2.", call. = FALSE)
    if (is.null(tables[[port]]))
      stop(sprintf("Nothing is connected to dataset%d; maml.mapInputPort(%d) has no table.", port, port),
           call. = FALSE)
    tables[[port]]
  },
  maml.mapOutputPort = function(port) {
    if (!is.character(port) || length(port) != 1L)
      stop("maml.mapOutputPort takes the name of a variable in quotes.", call. = FALSE)
    maml <<- list(name = port, place = parent.frame())
    invisible(NULL)
  },
  install.packages = own_install_packages
), name = "studiolo", warn.conflicts = FALSE)

result_of_classic <- function() {
  if (is.null(maml$name)) return(list(NULL, NULL))
  if (!exists(maml$name, envir = maml$place, mode = "any"))
    refuse("result", sprintf("maml.mapOutputPort names %s, but the script has no variable of that name.",
                             shown(maml$name)), "Give it the name of a data.frame, in quotes.")
  list(get(maml$name, envir = maml$place), NULL)
}

result_of_designer <- function() {
  main <- get("azureml_main", envir = globalenv())
  if (!is.function(main))
    refuse("entry", sprintf("azureml_main is a %s, not a function.", class(main)[1]),
           "Define it: azureml_main <- function(dataframe1, dataframe2) { ... }")
  wanted <- formals(args(main))
  takes_any <- "..." %in% names(wanted)
  count <- if (takes_any) 2L else min(2L, length(wanted))
  is_open <- vapply(wanted, function(default) is.symbol(default) && !nzchar(as.character(default)), NA)
  if (length(wanted) > 2L && !takes_any && any(is_open[-(1:2)]))
    refuse("entry", sprintf("azureml_main takes %d arguments; it gets dataframe1 and dataframe2.", length(wanted)),
           "Give the others a default.")
  place <- new.env(parent = globalenv())
  place$dataframe1 <- tables[[1]]
  place$dataframe2 <- tables[[2]]
  call <- list(quote(azureml_main()), quote(azureml_main(dataframe1)),
               quote(azureml_main(dataframe1, dataframe2)))[[count + 1L]]
  top <<- list(expression = NULL, line = NULL)
  value <- evaluate(call, place)$value
  if (is.null(value) || is.data.frame(value) || !is.list(value) || is.object(value)) return(list(value, NULL))
  named <- intersect(c("dataset1", "dataset2"), names(value))
  if (length(named)) return(list(value[["dataset1"]], value[["dataset2"]]))
  are_tables <- vapply(value, function(one) is.null(one) || is.data.frame(one), NA)
  if (!length(value)) return(list(NULL, NULL))
  if (all(are_tables)) {
    if (length(value) > 2L)
      refuse("result", sprintf("azureml_main gives %d tables; there are two outputs.", length(value)),
             "Return list(dataset1 = first, dataset2 = second).")
    return(list(value[[1]], if (length(value) == 2L) value[[2]] else NULL))
  }
  list(value, NULL)
}

run <- function() {
  expressions <- parsed()
  used <- all.names(expressions, unique = TRUE)
  has_entry <- any(c("azureml_main", "maml.mapInputPort", "maml.mapOutputPort") %in% used)
  refuse_entry <- function()
    refuse("entry", "The script defines no function azureml_main and calls no maml.mapOutputPort.",
           "Define azureml_main <- function(dataframe1, dataframe2), or call maml.mapOutputPort(\"name\").")
  # A file of the bundle may define it: source("Script Bundle/main.R").
  if (!has_entry && !any(c("source", "sys.source", "eval", "assign", "load", "attach") %in% used)) refuse_entry()
  references <- attr(expressions, "srcref")
  for (place in seq_along(expressions)) {
    top <<- list(expression = expressions[[place]], line = references[[place]][1])
    value <- evaluate(expressions[[place]], globalenv())
    if (value$visible) {  # printed as Rscript prints it
      place_of_value <- new.env(parent = globalenv())
      place_of_value$value <- value$value
      evaluate(if (isS4(value$value)) quote(methods::show(value)) else quote(print(value)), place_of_value)
    }
  }
  is_designer <- exists("azureml_main", envir = globalenv(), inherits = FALSE)
  if (!has_entry && !is_designer && is.null(maml$name)) refuse_entry()
  values <- if (is_designer) result_of_designer() else result_of_classic()
  list(contract = if (is_designer) "designer" else "classic", values = values)
}

# Pictures are shown in the order of their files' times, and a page is finished when the next one begins:
# so the time at which each page of a device of ours began is kept for its file, which is made then.
opened <- 0L
pages <- list()  # of each device of ours: number, pattern of its files, times at which pages began
begin_page <- function(...) {
  if (grDevices::dev.cur() == 1L) grDevices::dev.new()  # as plot.new() is about to
  for (place in seq_along(pages)) {
    page <- pages[[place]]
    if (!identical(as.integer(grDevices::dev.cur()), page$device)) next
    count <- page$count
    while (file.exists(sprintf(page$pattern, count + 1L))) count <- count + 1L
    pages[[place]]$count <<- count
    pages[[place]]$began[count + 1L] <<- as.double(Sys.time())  # again, if this plot still goes on page `count`
  }
}
date_pages <- function() {
  for (page in pages) for (number in seq_along(page$began)) {
    file <- sprintf(page$pattern, number)
    if (!is.na(page$began[number]) && file.exists(file))
      Sys.setFileTime(file, .POSIXct(page$began[number]))
  }
}
setHook("before.plot.new", begin_page)
setHook("before.grid.newpage", begin_page)
options(
  warn = 1L, keep.source = TRUE, bitmapType = "cairo", menu.graphics = FALSE, browser = "", pager = "",
  device = function(...) {
    opened <<- opened + 1L
    name <- if (opened == 1L) "Rplot%03d.png" else sprintf("Rplot-%d-%%03d.png", opened)
    name <- file.path(getwd(), name)
    grDevices::png(name, width = 960, height = 640, res = 110, type = "cairo", family = "sans")
    device <- as.integer(grDevices::dev.cur())
    pages[[opened]] <<- list(device = device, pattern = name, began = double(), count = 0L)
  })
set.seed(seed)
compiler::enableJIT(3L)
given <- tryCatch(run(), error = function(error) error)
compiler::enableJIT(0L)
while (sink.number() > 0L) sink()
if (sink.number(type = "message") != 2L) sink(type = "message")
try(grDevices::graphics.off(), silent = TRUE)
try(date_pages(), silent = TRUE)
# The script may have set otherwise what writing the result depends on, and may have closed every connection.
options(warn = 1L, OutDec = ".", scipen = 0L, encoding = "native.enc")
suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8"))
answers <- file(paste0("/proc/self/fd/", numbers[2]), "wb", raw = TRUE)
if (!inherits(given, "error")) given <- tryCatch(
  list(contract = given$contract, tables = list(
    sendable_table(given$values[[1]], "The result"), sendable_table(given$values[[2]], "The second result"))),
  error = function(error) error)
if (inherits(given, "error")) {
  put_error(given, trace)
} else {
  put_integer(0L)
  put_text(given$contract)
  for (table in given$tables) put_table(table)
  put_integer(length(notes))
  for (one in notes) {
    for (text in one[1:3]) put_text(text)
    put_integer(one[[4]])
  }
}
put_text("end")
close(answers)
