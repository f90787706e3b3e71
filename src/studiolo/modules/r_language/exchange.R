# Reads tables from one pipe and writes the result to another; tables_to_r.py says in what form. Part of session.R,
# in whose environment it is evaluated. Uses base R only.

# ---- reading --------------------------------------------------------------------------------------------

BLOCK <- 2^26  # values in one call of readBin, which counts bytes in 32 bits

get_values <- function(kind, n, size = NA_integer_) {
  if (n <= BLOCK) return(readBin(source_of, kind, n, size))
  parts <- lapply(seq(0, n - 1, BLOCK), function(at) readBin(source_of, kind, min(BLOCK, n - at), size))
  do.call(c, parts)
}
get_integer <- function() readBin(source_of, "integer", 1L)
# Ranges of places whose sizes come to no more bytes than one raw vector should have.
ranges <- function(sizes) {
  ends <- cumsum(as.double(sizes))
  if (!length(sizes) || ends[length(ends)] <= 2^30) return(list(seq_along(sizes)))
  lengths <- rle(ends %/% 2^30)$lengths
  last <- cumsum(lengths)
  Map(seq, last - lengths + 1, last)
}
get_texts <- function(n) {
  lengths <- get_values("integer", n)
  is_there <- lengths >= 0L
  sizes <- lengths[is_there]
  present <- character(length(sizes))
  for (part in ranges(sizes))
    present[part] <- readChar(get_raw(sum(as.double(sizes[part]))), sizes[part], useBytes = TRUE)
  if (all(is_there)) return(present)
  texts <- rep(NA_character_, n)
  texts[is_there] <- present
  texts
}
get_raw <- function(count) readBin(source_of, "raw", count)
get_text <- function() get_texts(1L)

get_column <- function(n) {
  kind <- get_text()
  switch(kind,
    logical = as.logical(get_values("integer", n)),
    integer = get_values("integer", n),
    double = get_values("double", n),
    text = get_texts(n),
    repeated = { levels <- get_texts(get_integer()); levels[get_values("integer", n)] },
    factor = , ordered = {
      levels <- get_texts(get_integer())
      structure(get_values("integer", n), levels = levels,
                class = if (kind == "ordered") c("ordered", "factor") else "factor")
    },
    date = structure(get_values("double", n), class = "Date"),
    moment = {
      zone <- get_text()
      structure(get_values("double", n), class = c("POSIXct", "POSIXt"), tzone = zone)
    },
    span = structure(get_values("double", n), class = "difftime", units = "secs"),
    bytes = lapply(get_values("integer", n), function(length)
      if (length < 0L) NULL else readBin(source_of, "raw", length)),
    stop("unknown kind of column: ", kind))
}
get_table <- function() {
  if (get_integer() == 0L) return(NULL)
  rows <- get_integer()
  names <- get_texts(get_integer())
  columns <- lapply(seq_along(names), function(place) get_column(rows))
  structure(columns, names = names, row.names = .set_row_names(rows), class = "data.frame")
}

# ---- what the result is ---------------------------------------------------------------------------------

notes <- list()
note <- function(code, text, column = "", lossy = FALSE)
  notes[[length(notes) + 1L]] <<- list(code, text, column, lossy)

refuse <- function(what, summary, hint)
  stop(structure(class = c("studiolo_refusal", "error", "condition"),
                 list(message = summary, call = NULL, what = what, hint = hint)))

as_frame <- function(value, what) {
  if (is.null(value) || is.data.frame(value)) return(value)
  if (is.matrix(value) || inherits(value, "table")) {
    note("not-a-table", sprintf("%s was a %s and became a table.", what, class(value)[1]))
    return(as.data.frame(value, stringsAsFactors = FALSE))
  }
  if (is.atomic(value) && is.null(dim(value))) {
    note("not-a-table", sprintf("%s was a vector and became a table of one column.", what))
    frame <- data.frame(value = unname(value), stringsAsFactors = FALSE)
    return(frame)
  }
  if (is.list(value) && !is.object(value) && length(value) && all(vapply(value, is.atomic, NA)) &&
      length(unique(lengths(value))) == 1L) {
    note("not-a-table", sprintf("%s was a list and became a table.", what))
    if (is.null(names(value))) names(value) <- paste0("V", seq_along(value))
    return(structure(value, row.names = .set_row_names(length(value[[1]])), class = "data.frame"))
  }
  refuse("result", sprintf("%s is an object of class %s, not a data.frame.", what, shown(class(value)[1])),
         "Give a data.frame; as.data.frame() or data.frame() makes one.")
}

shown <- function(text) encodeString(substr(text, 1L, 80L), quote = '"')

SHOWN_AT_MOST <- 20000L  # characters of one text that is no value of a table

# Columns that are themselves matrices or tables are split, as data.frame() and write.csv() do.
flat <- function(frame) {
  columns <- list()
  given <- clean(as.character(names(frame)), "the names of columns")
  given <- c(given, rep("", length(frame) - length(given)))
  for (place in seq_along(frame)) {
    column <- .subset2(frame, place)
    name <- given[place]
    if (is.na(name) || !nzchar(name)) name <- paste0("V", place)
    if (is.data.frame(column) || (length(dim(column)) == 2L)) {
      inner <- colnames(column)
      width <- dim(column)[2]
      if (is.null(inner)) inner <- as.character(seq_len(width))
      note("split-column", sprintf("The column %s held %d columns and was split.", shown(name), width), name)
      for (part in seq_len(width))
        columns[[length(columns) + 1L]] <- list(
          paste0(name, ".", inner[part]), if (is.data.frame(column)) column[[part]] else column[, part])
    } else columns[[length(columns) + 1L]] <- list(name, column)
  }
  columns
}

# One cell of a list column as JSON text.
as_json <- function(value) {
  if (is.null(value)) return("null")
  if (is.factor(value)) value <- as.character(value)
  if (inherits(value, c("Date", "POSIXt", "difftime"))) value <- format(value)
  if (is.list(value)) parts <- vapply(value, as_json, "")
  else if (is.character(value))
    parts <- ifelse(is.na(value), "null", json_text(value))
  else if (is.logical(value)) parts <- ifelse(is.na(value), "null", tolower(as.character(value)))
  else if (is.numeric(value)) parts <- ifelse(is.finite(value), format(value, digits = 15, trim = TRUE), "null")
  else parts <- json_text(paste(deparse(value), collapse = " "))
  if (length(names(value)))
    paste0("{", paste0(json_text(names(value)), ":", parts, collapse = ","), "}")
  else if (is.list(value) || length(value) != 1L) paste0("[", paste(parts, collapse = ","), "]")
  else parts
}

# R's own escapes, such as \001 and \v, are none in JSON.
json_text <- function(texts) {
  texts <- gsub('(["\\\\])', "\\\\\\1", clean(texts))
  for (code in if (any(grepl("[\001-\037]", texts))) 1:31)
    texts <- gsub(intToUtf8(code), sprintf("\\u%04x", code), texts, fixed = TRUE)
  paste0('"', texts, '"')
}

plain_list <- function(column, name) {
  is_data <- vapply(column, function(value) is.null(value) || is.atomic(value) || (is.list(value) && !isS4(value)), NA)
  if (!all(is_data))
    refuse("result", sprintf("The column %s of the result holds objects of class %s.", shown(name),
                             shown(class(column[!is_data][[1]])[1])), "Turn them into numbers or text.")
  is_raw <- vapply(column, function(value) is.null(value) || is.raw(value), NA)
  if (all(is_raw)) return(column)
  counts <- lengths(column)
  simple <- vapply(column, function(value) is.null(value) || (is.atomic(value) && !is.object(value)), NA)
  if (all(simple & counts <= 1L)) {
    column[counts == 0L] <- NA
    return(unlist(column, use.names = FALSE))
  }
  note("nested-to-json", sprintf("The values in %s were lists and became JSON text.", shown(name)), name)
  texts <- vapply(column, as_json, "")
  texts[counts == 0L] <- NA_character_
  texts
}

# ---- writing --------------------------------------------------------------------------------------------

put_integer <- function(value) writeBin(as.integer(value), answers)
put_values <- function(values) {
  if (length(values) <= BLOCK) return(writeBin(values, answers))
  for (at in seq(0, length(values) - 1, BLOCK))
    writeBin(values[seq(at + 1, min(at + BLOCK, length(values)))], answers)
}
clean <- function(texts, name = "") {
  wrong <- !validUTF8(texts) & Encoding(texts) != "latin1"  # enc2utf8 would write <ff> without a word
  wrong[is.na(wrong)] <- FALSE
  if (any(wrong)) {
    texts[wrong] <- iconv(texts[wrong], "UTF-8", "UTF-8", sub = "\ufffd")
    note("not-unicode", sprintf("%d texts in %s are not UTF-8; bytes were replaced.", sum(wrong), shown(name)),
         name, TRUE)
  }
  enc2utf8(texts)
}
put_texts <- function(texts) {
  lengths <- nchar(texts, "bytes")
  missing <- is.na(texts)
  if (any(missing)) {
    lengths[missing] <- -1L
    texts <- texts[!missing]
  }
  put_values(as.integer(lengths))
  for (part in ranges(lengths[!missing] + 1L))
    if (length(part)) writeBin(writeBin(texts[part], raw()), answers)  # each with a zero at its end
}
put_text <- function(text) put_texts(substr(clean(as.character(text)[1]), 1L, SHOWN_AT_MOST))

# What is sent of a column: its kind, then integers, texts and values as `put_column` writes them. Nothing is
# written before everything is known to be sendable.
sendable <- function(column, name) {
  if (is.list(column) && (!is.object(column) || inherits(column, "AsIs")))
    column <- plain_list(unclass(column), name)
  if (inherits(column, "POSIXlt")) column <- as.POSIXct(column)
  if (inherits(column, "difftime")) units(column) <- "secs"
  if (is.factor(column)) sendable_factor(column, name)
  else if (inherits(column, "Date")) list(kind = "date", values = as.double(unclass(column)))
  else if (inherits(column, "POSIXct"))
    list(kind = "moment", zone = c(attr(column, "tzone"), "")[1], values = as.double(unclass(column)))
  else if (inherits(column, "difftime")) list(kind = "span", values = as.double(unclass(column)))
  else if (inherits(column, "integer64")) list(kind = "wide", values = as.double(unclass(column)))
  else if (is.list(column) && all(vapply(column, function(value) is.null(value) || is.raw(value), NA)))
    list(kind = "bytes", values = vapply(column, function(value) if (is.null(value)) -1L else length(value), 0L),
         pieces = column)
  else sendable_plain(column, name)
}
sendable_factor <- function(column, name) {
  levels <- clean(as.character(levels(column)), name)
  values <- as.integer(unclass(column))
  wrong <- which(values < 1L | values > length(levels))
  if (length(wrong)) {
    note("no-such-level", sprintf("%d values of the factor %s have no level and became missing.", length(wrong),
                                  shown(name)), name, TRUE)
    values[wrong] <- NA
  }
  list(kind = if (is.ordered(column)) "ordered" else "factor", levels = levels, values = values)
}
sendable_plain <- function(column, name) {
  switch(typeof(column),
    logical = list(kind = "logical", values = as.integer(column)),
    integer = list(kind = "integer", values = as.integer(column)),
    double = list(kind = "double", values = as.double(column)),
    character = sendable_texts(as.character(column), name),
    raw = {
      note("raw-to-integer", sprintf("The raw bytes in %s became numbers from 0 to 255.", shown(name)), name)
      list(kind = "integer", values = as.integer(column))
    },
    complex = {
      note("complex-to-text", sprintf("The complex numbers in %s became text.", shown(name)), name)
      sendable_texts(as.character(column), name)
    },
    refuse("result", sprintf("The column %s of the result holds objects of class %s.", shown(name),
                             shown(class(column)[1])), "Turn them into numbers or text."))
}
sendable_texts <- function(texts, name) {
  different <- unique(texts)
  if (length(different) * 2 > length(texts)) return(list(kind = "text", texts = clean(texts, name)))
  different <- different[!is.na(different)]
  list(kind = "repeated", levels = clean(different, name), values = match(texts, different))
}

sendable_table <- function(value, what) {
  frame <- as_frame(value, what)
  if (is.null(frame)) return(NULL)
  rows <- nrow(frame)
  if (is.character(attr(frame, "row.names")) && rows)
    note("row-names-dropped", "The row names were dropped; make them a column to keep them.", "", TRUE)
  columns <- flat(frame)
  names <- vapply(columns, function(column) column[[1]], "")
  for (column in columns)
    if (length(column[[2]]) != rows && !inherits(column[[2]], "POSIXlt"))
      refuse("result", sprintf("The column %s of the result has %d values; the table has %d rows.",
                               shown(column[[1]]), length(column[[2]]), rows), "Make all columns equally long.")
  list(rows = rows, names = clean(names, "the names of columns"),
       columns = lapply(columns, function(column) sendable(column[[2]], column[[1]])))
}

put_table <- function(table) {
  put_integer(if (is.null(table)) 0L else 1L)
  if (is.null(table)) return()
  put_integer(table$rows)
  put_integer(length(table$columns))
  put_texts(table$names)
  for (column in table$columns) {
    put_text(column$kind)
    if (!is.null(column$zone)) put_text(column$zone)
    if (!is.null(column$texts)) put_texts(column$texts)
    if (!is.null(column$levels)) {
      put_integer(length(column$levels))
      put_texts(column$levels)
    }
    if (!is.null(column$values)) put_values(column$values)
    for (piece in column$pieces) if (length(piece)) writeBin(piece, answers)
  }
}

