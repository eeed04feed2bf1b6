# R's data.table on one thread: fread and fwrite, which keeps 15 digits of a number.
suppressPackageStartupMessages(library(data.table))
invisible(setDTthreads(1))
folder <- commandArgs(trailingOnly = TRUE)[1]
columns <- c("capital", "labour", "energy", "output", "co2", "so2")
cat("uses R", as.character(getRversion()), "and data.table", as.character(packageVersion("data.table")), "\n")
calls <- 50
timed <- function(workload, work) {
    result <- work() # the first call is slower
    begin <- proc.time()
    for (k in seq_len(calls)) result <- work()
    cat(sprintf("time %s %.9g %d\n", workload, sum((proc.time() - begin)[1:2]) / calls, calls))
    result
}
answers <- function(workload, panel)
    cat(sprintf("answer %s %s %.17g\n", workload, columns, sapply(columns, function(name) sum(panel[[name]]))), sep = "")
panel <- timed("csv", function() fread(file.path(folder, "panel.csv")))
answers("csv", panel)
copy <- file.path(folder, "fwrite.csv")
invisible(timed("csv-write", function() fwrite(panel, copy)))
answers("csv-write", fread(copy))
