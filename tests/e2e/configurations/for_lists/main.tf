locals {
  list   = ["b", "a", "c"]
  set    = toset(["b", "a", "c"])
  map    = { y = 2, x = 1, z = 3 }
  object = { name = "web", port = 22, on = true }
  nested = [[1, 2], [3], []]
  rules  = [{ port = 22, cidrs = ["0.0.0.0/0"] }, { port = 443, cidrs = ["10.0.0.0/8", "0.0.0.0/0"] }]
}
output "list" { value = [for x in local.list : upper(x)] }
output "indexed" { value = [for i, x in local.list : "${i}-${x}"] }
output "set" { value = [for x in local.set : x] }
output "set_pairs" { value = [for k, v in local.set : "${k}=${v}"] }
output "map" { value = [for v in local.map : v * 2] }
output "map_pairs" { value = [for k, v in local.map : "${k}=${v}"] }
output "object" { value = [for k, v in local.object : "${k}=${v}"] }
output "filtered" { value = [for x in local.list : x if x != "a"] }
output "filtered_by_key" { value = [for k, v in local.map : k if v > 1 && k != "z"] }
output "filtered_to_nothing" { value = [for x in local.list : x if false] }
output "nested" { value = [for a in local.nested : [for b in a : b + 1]] }
output "flattened" { value = flatten([for r in local.rules : [for c in r.cidrs : { port = r.port, cidr = c }]]) }
output "of_objects" { value = [for x in local.list : { name = x, upper = upper(x) }] }
output "over_a_call" { value = [for x in concat(local.list, ["d"]) : x] }
output "over_nothing" { value = [for x in [] : x] }
output "over_an_empty_object" { value = [for k, v in {} : k] }
output "shadowing" { value = [for x in [1, 2] : [for x in ["a"] : x]] }
output "scope_outside" { value = [for a in ["x"] : [for b in ["y"] : "${a}${b}${local.object.name}"]] }
output "closed_holes" { value = [for c in flatten(local.rules[*].cidrs) : c if c != "0.0.0.0/0"] }
output "over_a_splat" { value = [for p in local.rules[*].port : p] }
output "condition_with_call" { value = [for x in local.list : x if contains(["a", "c"], x)] }
output "trailing" {
  value = [
    for x in local.list : # why
    x
    if x != "b"
  ]
}
