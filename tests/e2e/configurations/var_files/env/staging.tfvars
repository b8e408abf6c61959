a = "staging is not given"
