variable "on" {
  type    = bool
  default = true
}
variable "off" {
  default = false
}
locals {
  list = ["a"]
  many = [1, 2]
}
output "texts" { value = var.on ? "yes" : "no" }
output "text_and_number" { value = [var.on ? 1 : "x", var.off ? 1 : "x", var.on ? "x" : 1] }
output "text_and_bool" { value = [var.on ? true : "x", var.off ? true : "x"] }
output "nulls" { value = [var.on ? null : "x", var.off ? null : "x", var.on ? null : 1, var.off ? null : [1]] }
output "lists" { value = [var.on ? local.list : [], var.off ? local.list : [], var.on ? [1] : ["x"]] }
output "list_of_other_length" { value = var.on ? [1, 2] : ["a"] }
output "list_of_numbers_or_texts" { value = var.on ? local.many : ["a", "b"] }
output "objects" { value = var.on ? { a = 1 } : { a = 2 } }
output "objects_of_other_types" { value = var.on ? { a = 1 } : { a = "x" } }
output "objects_of_other_names" { value = var.on ? { a = "1" } : { b = "2" } }
output "objects_of_other_names_and_types" { value = var.on ? { a = 1 } : { b = "2" } }
output "empty_object" { value = [var.on ? { a = 1 } : {}, var.off ? { a = 1 } : {}] }
output "maps" { value = var.on ? tomap({ a = 1 }) : tomap({ b = "2" }) }
output "sets" { value = [var.on ? toset(["a"]) : toset([]), var.off ? toset(["a"]) : toset([1])] }
output "set_or_list" { value = var.on ? toset(["b", "a"]) : tolist(["c"]) }
output "condition_is_text" { value = "true" ? 1 : 2 }
output "in_a_row" { value = var.off ? "a" : var.on ? "b" : "c" }
output "in_a_row_the_first" { value = var.on ? "a" : var.on ? "b" : "c" }
output "in_a_row_the_last" { value = var.off ? "a" : var.off ? "b" : var.off ? "c" : "d" }
output "in_a_row_of_truths" { value = [var.on ? false : var.on ? true : true, var.on ? var.off : var.on ? var.on : var.on] }
output "in_a_row_of_lists" { value = var.on ? ["a"] : length(local.list) > 5 ? ["b", "c"] : [] }
output "in_a_row_in_parentheses" { value = [(var.on ? var.off : var.on) ? "a" : "b", var.on ? "a" : (var.on ? "b" : "c")] }
output "one_in_the_middle" { value = var.on ? var.off ? "a" : "b" : "c" }
output "behind_operators" { value = 1 + 2 > 2 && var.on ? 1 - 2 - 3 : -1 * 2 + 3 > 0 || var.off ? 2 : 3 }
output "only_chosen_fails" { value = length(local.list) > 5 ? local.list[5] : "short" }
output "in_a_list" { value = [for x in [1, 2, 3] : x > 1 ? "big" : "small"] }
output "nested_lists" { value = var.on ? [["a"], []] : [] }
output "numbers_as_text" { value = var.off ? "x" : 0.5 }
output "concat_idiom" { value = concat(var.on ? ["10.0.0.0/8"] : [], var.off ? ["0.0.0.0/0"] : []) }
output "merge_idiom" { value = merge({ a = "1" }, var.on ? { b = "2" } : {}, var.off ? { c = "3" } : {}) }
output "count_idiom" { value = terraform_data.maybe[*].input }
output "count_idiom_not" { value = terraform_data.never[*].input }
resource "terraform_data" "maybe" {
  count = var.on ? 1 : 0
  input = "there"
}
resource "terraform_data" "never" {
  count = var.off ? 1 : 0
  input = "never"
}
