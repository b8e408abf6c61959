locals {
  list  = ["b", "a", "c"]
  users = [{ name = "ann", role = "dev" }, { name = "bob", role = "ops" }, { name = "cy", role = "dev" }]
  map   = { one = { n = 1, on = true }, two = { n = 2, on = false } }
}
output "by_name" { value = { for u in local.users : u.name => u.role } }
output "grouped" { value = { for u in local.users : u.role => u.name... } }
output "grouped_filtered" { value = { for u in local.users : u.role => u... if u.name != "bob" } }
output "filtered" { value = { for k, v in local.map : k => v.n if v.on } }
output "numbers_as_keys" { value = { for i, x in local.list : i => x } }
output "computed_key" { value = { for x in local.list : "${x}-key" => { value = x } } }
output "bools_as_keys" { value = { for v in [true, false] : v => 1 } }
output "of_a_set" { value = { for x in toset(local.list) : x => length(x) } }
output "inverted" { value = { for k, v in { a = "x", b = "y" } : v => k } }
output "nested" { value = { for u in local.users : u.name => { for k, v in u : upper(k) => v } } }
output "empty" { value = { for x in [] : x => x } }
output "merged" { value = merge({ for x in ["a"] : x => 1 }, { for x in ["b"] : x => 2 }) }
output "keys" { value = keys({ for x in local.list : x => 1 }) }
output "lists_of_objects" { value = { for u in local.users : u.name => [u, { extra = u.role == "dev" }] } }
output "in_one_line" { value = { for x in ["a", "b"] : x => x } }
output "key_from_for" { value = { for k in ["Äb", "Zz", "aa"] : k => k } }
