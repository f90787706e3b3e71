# How late the flights of each airline are, and how well the model foresees it.
azureml_main <- function(dataframe1, dataframe2) {
  scored <- dataframe1
  airlines <- dataframe2
  scored$is_late <- scored$late == "yes"

  by_carrier <- aggregate(
    cbind(late = is_late, foreseen = `Scored Probabilities`) ~ carrier,
    data = scored, FUN = mean
  )
  by_carrier$flights <- as.integer(table(scored$carrier)[by_carrier$carrier])
  report <- merge(airlines, by_carrier, by = "carrier")
  report <- report[order(-report$late), ]

  old <- par(mar = c(4.5, 15, 3, 1), las = 1)
  shares <- rbind(foreseen = report$foreseen, late = report$late)[, nrow(report):1]
  barplot(
    100 * shares, beside = TRUE, horiz = TRUE, names.arg = rev(report$name),
    col = c("#c9d7e8", "#2a5d8f"), border = NA, xlab = "per cent of its flights",
    main = "Flights more than 15 minutes late"
  )
  legend("bottomright", c("late", "foreseen"), fill = c("#2a5d8f", "#c9d7e8"), border = NA, bty = "n")
  par(old)

  scored$group <- cut(scored$`Scored Probabilities`, seq(0, 1, 0.1), include.lowest = TRUE)
  shown <- aggregate(cbind(foreseen = `Scored Probabilities`, late = is_late) ~ group, scored, mean)
  plot(
    shown$foreseen, shown$late, type = "b", pch = 19, col = "#2a5d8f", xlim = c(0, 1), ylim = c(0, 1),
    xlab = "probability that the model gave", ylab = "share that was late", main = "Can its probabilities be believed?"
  )
  abline(0, 1, lty = 2, col = "grey60")

  cat("Airlines by share of late flights:\n")
  print(report[c("name", "flights", "late", "foreseen")], digits = 2, row.names = FALSE)
  list(dataset1 = report, dataset2 = shown)
}
