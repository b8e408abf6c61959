locals {
  list   = ["b", "a", "b", "", "c"]
  nested = [["a", ["b"]], [], ["c", [["d"]]]]
  cidrs  = ["10.0.0.0/8", "0.0.0.0/0"]
}
output "concat" { value = [concat(["a"], [], ["b", 1]), concat(tolist(["a"]), tolist(["b"])), concat([])] }
output "flatten" { value = [flatten(local.nested), flatten([]), flatten([[1], "x", toset(["s"])])] }
output "distinct" { value = distinct(local.list) }
output "compact" { value = compact(["a", "", null, "b"]) }
output "length" { value = [length(local.list), length("grüße"), length({ a = 1 }), length([])] }
output "element" { value = [element(local.list, 0), element(local.list, 6), element(["x"], 3)] }
output "contains" { value = [contains(local.list, "a"), contains(local.list, "z"), contains([1, 2], 2), contains(toset(["a"]), "a")] }
output "index" { value = index(local.list, "a") }
output "slice" { value = [slice(local.list, 1, 3), slice(local.list, 0, 0)] }
output "reverse" { value = reverse(["a", "b", 1]) }
output "sort" { value = [sort(["b", "a", "C", "10", "9"]), sort(toset(["z", "y"]))] }
output "range" { value = [range(3), range(1, 4), range(0, 10, 3), range(3, 0), range(0)] }
output "chunklist" { value = chunklist(["a", "b", "c"], 2) }
output "coalescelist" { value = coalescelist([], ["x"], ["y"]) }
output "one" { value = [one(["x"]), one([]), one(toset(["y"]))] }
output "sum" { value = [sum([1, 2, 3]), sum([0.5, 1.5])] }
output "alltrue" { value = [alltrue([true, "true"]), alltrue([true, false]), anytrue([false, true]), alltrue([]), anytrue([])] }
output "setproduct" { value = [setproduct(["a", "b"], [1, 2]), setproduct(["a"], [])] }
output "transposed" { value = transpose({ a = ["x", "y"], b = ["x"] }) }
output "expanded" { value = [concat(local.nested...), max([1, 5, 2]...), merge([{ a = 1 }, { b = 2 }]...), format("%s-%s", ["x", "y"]...)] }
output "matchkeys" { value = matchkeys(["i-1", "i-2"], ["a", "b"], ["b"]) }
output "joined" { value = join(",", concat(local.cidrs, ["x"])) }
output "formatlist" { value = [formatlist("%s/32", ["10.0.0.1", "10.0.0.2"]), formatlist("%s-%s", "a", ["x", "y"])] }
output "in_a_row" { value = sort(distinct(compact(flatten([["b", ""], ["a", "b"]])))) }
