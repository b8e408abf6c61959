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
