import QuotaEngine

extension Account {
    /// C, A, E, X and P.
    var balances: [Int64] { [capacity, available, escrowed, suspect, posted] }
}

/// All orders of a few elements.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    if elements.count < 2 { return [elements] }
    return elements.indices.flatMap { index in
        var others = elements
        let first = others.remove(at: index)
        return permutations(others).map { [first] + $0 }
    }
}
