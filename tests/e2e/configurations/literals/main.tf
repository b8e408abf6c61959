# Every kind of literal, and comments wherever they may stand.
output "text" { value = "plain" }
output "empty" { value = "" }
output "escapes" { value = "tab\there \"quoted\" back\\slash line\nnext\r\u00e9\U0001F600" }
output "not_a_template" { value = "$${literal} %%{literal} $5 100% $$ %% $" }
output "whole" { value = 42 }
output "negative" { value = -7 }
output "truths" { value = [true, false] }
output "nothing" { value = null }
output "list" {
  value = [
    "a", # behind an item
    /* before an item */ "b",
    // a line of its own
    3,
    null,
    [],
    {},
  ]
}
output "object" {
  value = {
    bare          = 1
    "quoted"      = 2
    (local.named) = 3
    "${local.named}-x" : 4
    "with spaces and ünïcode" = 5, after_a_comma = 6
    nested                    = { inner = { innermost = ["deep", { a = true }] } }
    12                        = "number key"
    true                      = "bool key"
  }
}
output "one_line" { value = { a = 1, b = "two", c = [3] } }
output "parentheses" { value = ((("x"))) }
output "split_over_lines" {
  value = (
    "a"
    ==
    "a"
  )
}

locals {
  named = "computed"
}

resource "terraform_data" "typed" {
  input            = { a = [1, "2", true, null], b = { c = "d" } }
  triggers_replace = ["x", 1]
}
