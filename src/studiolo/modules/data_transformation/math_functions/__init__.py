"""The functions of Apply Math Operation, by the categories of its panel."""
