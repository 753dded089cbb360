"""Real traffic on a real desk whose processes are killed in the middle of a turn; a checker that knows only the rules decides."""
