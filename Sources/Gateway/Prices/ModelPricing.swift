/// Whether a model costs money, and how much.
package enum ModelPricing: Hashable, Sendable {
    /// It says so itself: `price: free`.
    case free
    /// Its tokens have a price.
    case priced(ModelPrice)

    /// The price; nil for a free model.
    package var price: ModelPrice? {
        switch self {
        case .free: nil
        case .priced(let price): price
        }
    }

    /// What tokens cost, in 10⁻⁹ currency units; 0 for a free model.
    package func cost(of tokens: TokenCounts) -> Int64 {
        price?.cost(of: tokens) ?? 0
    }
}
