variable "untyped" { default = "text" }
variable "untyped_number" { default = 5 }
variable "untyped_list" { default = ["a", 1, true] }
variable "untyped_map" { default = { a = 1, b = "x" } }
variable "untyped_null" { default = null }
variable "text" {
  type    = string
  default = 5
}
variable "text_of_bool" {
  type    = string
  default = true
}
variable "text_of_fraction" {
  type    = string
  default = 0.50
}
variable "number" {
  type    = number
  default = "22"
}
variable "bool" {
  type    = bool
  default = "true"
}
variable "list" {
  type    = list(string)
  default = ["a", 1, true]
}
variable "numbers" {
  type    = list(number)
  default = ["1", 2, "3.5"]
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b", "10", "9"]
}
variable "number_set" {
  type    = set(number)
  default = [10, "9", 9, 1.5]
}
variable "map" {
  type    = map(string)
  default = { b = 1, a = true, c = "x" }
}
variable "any_list" {
  type    = list(any)
  default = [1, "a"]
}
variable "any_numbers" {
  type    = list(any)
  default = [1, 2]
}
variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "any_objects" {
  type    = list(any)
  default = [{ a = 1 }, { a = "x" }]
}
variable "any_differing_objects" {
  type    = list(any)
  default = [{ a = "1" }, { b = "x" }]
}
variable "any_bools" {
  type    = list(any)
  default = [true, "x"]
}
variable "tuple" {
  type    = tuple([string, number, bool])
  default = [1, "2", "false"]
}
variable "object" {
  type    = object({ name = string, port = number, tags = map(string) })
  default = { name = 5, port = "22", tags = { a = 1 }, dropped = "x" }
}
variable "objects" {
  type = list(object({ from = number, cidrs = list(string) }))
  default = [
    { from = 22, cidrs = ["0.0.0.0/0"] },
    { from = "80", cidrs = [], more = 1 },
  ]
}
variable "map_of_objects" {
  type    = map(object({ n = number }))
  default = { x = { n = "1" }, y = { n = 2 } }
}
variable "set_of_objects" {
  type    = set(object({ n = number, s = string }))
  default = [{ n = 2, s = "b" }, { n = 1, s = "a" }, { n = 2, s = "b" }]
}
variable "nested_lists" {
  type    = list(list(string))
  default = [[1], ["a", "b"], []]
}
variable "null_text" {
  type    = string
  default = null
}
variable "null_list" {
  type    = list(string)
  default = null
}
variable "nulls_inside" {
  type    = list(string)
  default = ["a", null]
}
variable "empty_list" {
  type    = list(string)
  default = []
}
variable "empty_map" {
  type    = map(string)
  default = {}
}
variable "old_text" {
  type    = string
  default = "old"
}
variable "any" {
  type    = any
  default = { a = [1, "x"], b = null }
}
output "untyped" { value = var.untyped }
output "untyped_number" { value = var.untyped_number }
output "untyped_list" { value = var.untyped_list }
output "untyped_map" { value = var.untyped_map }
output "untyped_null" { value = var.untyped_null }
output "text" { value = [var.text, var.text_of_bool, var.text_of_fraction] }
output "number" { value = var.number }
output "bool" { value = var.bool }
output "list" { value = var.list }
output "numbers" { value = var.numbers }
output "set" { value = var.set }
output "number_set" { value = var.number_set }
output "map" { value = var.map }
output "any_list" { value = var.any_list }
output "any_numbers" { value = var.any_numbers }
output "any_map" { value = var.any_map }
output "any_objects" { value = var.any_objects }
output "any_differing_objects" { value = var.any_differing_objects }
output "any_bools" { value = var.any_bools }
output "tuple" { value = var.tuple }
output "object" { value = var.object }
output "objects" { value = var.objects }
output "map_of_objects" { value = var.map_of_objects }
output "set_of_objects" { value = var.set_of_objects }
output "nested_lists" { value = var.nested_lists }
output "nulls" { value = [var.null_text, var.null_list, var.nulls_inside] }
output "empty" { value = [var.empty_list, var.empty_map] }
output "old_text" { value = var.old_text }
output "any" { value = var.any }
output "used" { value = [for o in var.objects : "${o.from}:${join(",", o.cidrs)}"] }
output "sum" { value = var.number + var.object.port }
