# R's package plm: city and year effects, variance clustered by city; and its loop over replicates of cities.
library(plm)
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
logs <- c("capital", "labour", "energy", "output", "co2", "so2")
panel[logs] <- log(panel[logs])
formula <- output ~ capital + labour + energy + co2 + so2 + policy
cat("uses plm", as.character(packageVersion("plm")), "\n")
fits <- 5
begin <- proc.time()
for (k in 1:fits) {
    fit <- plm(formula, data = panel, index = c("city", "year"), model = "within", effect = "twoways")
    error <- sqrt(diag(vcovHC(fit, method = "arellano", type = "HC0", cluster = "group")))
}
cat(sprintf("time fit %.9g %d\n", sum((proc.time() - begin)[1:2]) / fits, fits))
cat(sprintf("answer fit %s %.17g\n", names(coef(fit)), coef(fit)), sep = "")
cat(sprintf("answer fit %s.se %.17g\n", names(coef(fit)), error), sep = "")

# A city that is drawn twice is two cities.
counts <- as.matrix(read.csv(file.path(folder, "draws.csv"), header = FALSE))
replicates <- 10
rows <- split(seq_len(nrow(panel)), panel$city)
betas <- list()
begin <- proc.time()
for (b in 1:replicates) {
    drawn <- rep(seq_along(rows), counts[b, ])
    again <- panel[unlist(rows[drawn]), ]
    again$city <- rep(seq_along(drawn), each = 12)
    betas[[b]] <- coef(plm(formula, data = again, index = c("city", "year"), model = "within", effect = "twoways"))
}
cat(sprintf("time pairs %.9g %d\n", sum((proc.time() - begin)[1:2]) / replicates, replicates))
for (b in 1:replicates) cat(sprintf("answer pairs %d.%s %.17g\n", b - 1, names(betas[[b]]), betas[[b]]), sep = "")
