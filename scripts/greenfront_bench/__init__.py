"""What scripts/bench does with the benchmark programs: run them, compare two builds, count instructions."""
