"""What is printed, as records: dates, identifiers, names, labels and tagged lines."""
