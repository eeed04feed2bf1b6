# Reads results of Greenfront into R: arrays with named dimensions, data frames with labels, categories as words.
#
#     source("scripts/R/greenfront.R")               # or a copy of this file
#     gf_groups("results.h5")                        # what is there
#     gf_read("results.h5", "dea/eff")               # a list of arrays; $score["AGO", "2010"]
#     gf_frame("results.h5", "dea/eff")              # a row for each unit and time
#     gf_coefficients("results.h5")                  # a row for each coefficient, as broom's tidy()
#     gf_models("results.h5")                        # a row for each regression, as broom's glance()
#     gf_ranking("results.h5", "policy")             # the scenarios of a sweep, best first
#
# Needs rhdf5 (Debian: r-bioc-rhdf5; elsewhere BiocManager::install("rhdf5")). Checksums are compared by `greenfront verify`, not here.

if (!requireNamespace("rhdf5", quietly = TRUE)) stop("greenfront.R needs the package rhdf5 (Debian: r-bioc-rhdf5)")

# Attributes of a group or a dataset, one by one: rhdf5 does not read empty lists of numbers, which are given as such, nor references to
# dimension scales, which are left out; the names of dimensions, which are read, say the same.
gf_attributes <- function(place, name) {
  if (is.character(place)) {
    place <- rhdf5::H5Fopen(place, flags = "H5F_ACC_RDONLY")
    on.exit(rhdf5::H5Fclose(place))
  }
  object <- rhdf5::H5Oopen(place, name)
  on.exit(rhdf5::H5Oclose(object), add = TRUE, after = FALSE)
  found <- list()
  for (k in seq_len(rhdf5::H5Oget_num_attrs(object))) {
    attribute <- rhdf5::H5Aopen_by_idx(object, n = k - 1)
    key <- rhdf5::H5Aget_name(attribute)
    if (!key %in% c("DIMENSION_LIST", "REFERENCE_LIST")) {
      space <- rhdf5::H5Aget_space(attribute)
      empty <- prod(rhdf5::H5Sget_simple_extent_dims(space)$size) == 0
      rhdf5::H5Sclose(space)
      found[[key]] <- if (empty) numeric(0) else rhdf5::H5Aread(attribute, bit64conversion = "double")
    }
    rhdf5::H5Aclose(attribute)
  }
  found
}

# Groups that hold something, below one (all without it).
gf_groups <- function(file, below = "") {
  there <- rhdf5::h5ls(file, datasetinfo = FALSE)
  names <- unique(sub("^/", "", there$group[there$otype == "H5I_DATASET"]))
  names <- names[names != ""]
  if (below == "") names else names[startsWith(names, paste0(below, "/"))]
}

# A group as a list of arrays with named dimensions and labels, in the order of the file's documentation: score[unit, time].
gf_read <- function(file, group) {
  opened <- rhdf5::H5Fopen(file, flags = "H5F_ACC_RDONLY")
  on.exit(rhdf5::H5Fclose(opened))
  if (!rhdf5::H5Lexists(opened, group)) stop(file, " has no group ", group, "; it has ", paste(gf_groups(file), collapse = ", "))
  place <- rhdf5::H5Gopen(opened, group)
  on.exit(rhdf5::H5Gclose(place), add = TRUE, after = FALSE)
  there <- rhdf5::h5ls(place, recursive = FALSE, datasetinfo = FALSE)
  read <- function(name) rhdf5::h5read(place, name, bit64conversion = "double")
  scales <- list()
  found <- list()
  for (name in there$name[there$otype == "H5I_DATASET"]) {
    told <- gf_attributes(place, name)
    dims <- as.vector(told$DIMENSION_LABELS)
    if (is.null(dims)) next  # a scale, or a single value
    values <- read(name)
    if (!is.null(told$flag_meanings)) {
      words <- strsplit(told$flag_meanings, " ")[[1]]
      values[] <- ifelse(values < 0, NA, words[match(values, as.vector(told$flag_values))])
    }
    for (dim in setdiff(dims, names(scales))) scales[[dim]] <- as.vector(read(dim))
    values <- array(as.vector(values), rev(lengths(scales[dims])))  # HDF5 counts the last dimension fastest, R the first
    values <- aperm(values, rev(seq_along(dims)))
    dimnames(values) <- lapply(scales[dims], as.character)
    found[[name]] <- values
  }
  attr(found, "scales") <- scales
  found
}

# What a row of a group's data frame is, unless it is said: the first of these that a variable of the group has.
gf_rows <- list(c("unit", "time"), "term", "scenario", "specification", "indicator", "path", "figure", "replicate")

# The variables of a group over some dimensions as a data frame. A variable with one more dimension becomes a column for each label of
# it, "slack[capital]".
gf_frame <- function(file, group, dims = NULL) {
  arrays <- gf_read(file, group)
  if (is.null(dims)) {
    there <- lapply(arrays, function(x) names(dimnames(x)))
    dims <- c(Filter(function(rows) any(vapply(there, identical, TRUE, rows)), gf_rows), there[1])[[1]]
  }
  labels <- attr(arrays, "scales")[dims]
  frame <- rev(expand.grid(rev(labels), stringsAsFactors = FALSE, KEEP.OUT.ATTRS = FALSE))
  for (name in names(arrays)) {
    own <- names(dimnames(arrays[[name]]))
    more <- setdiff(own, dims)
    if (!all(dims %in% own) || length(more) > 1) next
    turned <- aperm(arrays[[name]], match(c(rev(dims), more), own))
    if (length(more) == 0) {
      frame[[name]] <- as.vector(turned)
    } else {
      flat <- matrix(as.vector(turned), ncol = length(dimnames(turned)[[more]]))
      for (k in seq_len(ncol(flat))) frame[[paste0(name, "[", dimnames(turned)[[more]][k], "]")]] <- flat[, k]
    }
  }
  frame
}

# A row for each coefficient of each regression, with the column names of broom.
gf_coefficients <- function(file, only = NULL) {
  wanted <- if (is.null(only)) sub("^regression/", "", gf_groups(file, "regression")) else only
  rows <- lapply(wanted, function(name) {
    part <- gf_frame(file, paste0("regression/", name), "term")
    data.frame(model = name, term = part$term, estimate = part$estimate, std.error = part$std_error, statistic = part$statistic,
               p.value = part$p_value, conf.low = part$conf_low, conf.high = part$conf_high, stringsAsFactors = FALSE)
  })
  do.call(rbind, rows)
}

# A row for each regression: its attributes that are single values.
gf_models <- function(file, only = NULL) {
  wanted <- if (is.null(only)) sub("^regression/", "", gf_groups(file, "regression")) else only
  facts <- lapply(wanted, function(name) {
    told <- gf_attributes(file, paste0("regression/", name))
    told <- told[vapply(told, function(x) length(x) == 1 && is.null(dim(x)), TRUE) & names(told) != "checksum"]
    data.frame(model = name, told, stringsAsFactors = FALSE, check.names = FALSE)
  })
  names <- unique(unlist(lapply(facts, colnames)))
  do.call(rbind, lapply(facts, function(f) { f[setdiff(names, colnames(f))] <- NA; f[names] }))
}

# The scenarios of a sweep, best first.
gf_ranking <- function(file, sweep) {
  frame <- gf_frame(file, paste0("sweep/", sweep), "scenario")
  heads <- sub("\\[.*", "", colnames(frame))
  frame <- frame[, !grepl("^(point|econometric_by|frontier_by|econometric_draw)", heads)]
  frame[order(frame$rank), ]
}
