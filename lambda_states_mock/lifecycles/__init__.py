"""The lifecycles of functions, versions and what belongs to them: tables driven on the clock."""
