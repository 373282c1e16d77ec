package import QuotaModel

/// All prices that are in force together, under a version that a bill can name.
package struct PriceTable: Hashable, Sendable {
    /// One price and what it is of.
    package struct Entry: Hashable, Sendable {
        /// The model's name, as callers write it.
        package let model: ModelName
        /// The place of the backend with a price of its own; nil for the model's price.
        package let backend: Int?
        /// The price.
        package let pricing: ModelPricing

        /// Creates an entry.
        package init(model: ModelName, backend: Int? = nil, pricing: ModelPricing) {
            self.model = model
            self.backend = backend
            self.pricing = pricing
        }

        /// The entry in one form only, which no other entry has.
        fileprivate var canonicalText: String {
            let place = backend.map(String.init) ?? "-"
            let head = "\(model.text.utf8.count):\(model.text) \(place) "
            guard let price = pricing.price else { return head + "free\n" }
            return head + price.currency
                + " \(price.input) \(price.cachedInput) \(price.output) \(price.reasoning)\n"
        }
    }

    /// The prices, ordered by model and backend.
    package let entries: [Entry]
    /// Sixteen hexadecimal digits that are the same wherever all prices are.
    package let version: String

    /// Creates a table; the order of its entries makes no difference.
    package init(_ entries: [Entry]) {
        let sorted = entries.sorted {
            ($0.model, $0.backend ?? -1) < ($1.model, $1.backend ?? -1)
        }
        self.entries = sorted
        let digits = String(Self.hash(sorted.map(\.canonicalText).joined()), radix: 16)
        version = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// FNV-1a of 64 bits, which is the same on every machine and in every version.
    ///
    /// Source: G. Fowler, L. C. Noll, K.-P. Vo (1991).
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
    }
}
