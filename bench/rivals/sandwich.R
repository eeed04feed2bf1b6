# R's own lm on columns without their city means, year effects as dummy variables, package sandwich for the clustered
# variance; and a bootstrap loop that weighs rows by how often their city was drawn, which changes no city mean.
library(sandwich)
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
logs <- c("capital", "labour", "energy", "output", "co2", "so2")
panel[logs] <- log(panel[logs])
terms <- c("capital", "labour", "energy", "co2", "so2", "policy")
years <- model.matrix(~ factor(year), panel)[, -1]
colnames(years) <- paste0("y", seq_len(ncol(years)))
city <- panel$city + 1
without_means <- function(columns) columns - (rowsum(columns, city) / 12)[city, ]
cat("uses sandwich", as.character(packageVersion("sandwich")), "\n")
fits <- 10
begin <- proc.time()
for (k in 1:fits) {
    table <- without_means(cbind(as.matrix(panel[c("output", terms)]), years))
    data <- as.data.frame(table)
    fit <- lm(output ~ . - 1, data = data)
    error <- sqrt(diag(vcovCL(fit, cluster = city, type = "HC0", cadjust = FALSE)))
}
cat(sprintf("time fit %.9g %d\n", sum((proc.time() - begin)[1:2]) / fits, fits))
cat(sprintf("answer fit %s %.17g\n", terms, coef(fit)[terms]), sep = "")
cat(sprintf("answer fit %s.se %.17g\n", terms, error[terms]), sep = "")

counts <- as.matrix(read.csv(file.path(folder, "draws.csv"), header = FALSE))
Z <- table[, -1]
y <- table[, 1]
replicates <- 100
beta <- matrix(0, replicates, length(terms), dimnames = list(NULL, terms))
begin <- proc.time()
for (b in 1:replicates) beta[b, ] <- lm.wfit(Z, y, counts[b, city])$coefficients[terms]
cat(sprintf("time pairs %.9g %d\n", sum((proc.time() - begin)[1:2]) / replicates, replicates))
for (b in 1:replicates) cat(sprintf("answer pairs %d.%s %.17g\n", b - 1, terms, beta[b, ]), sep = "")
