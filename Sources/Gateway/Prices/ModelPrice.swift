import QuotaModel

/// What the tokens of a model cost, in integers.
///
/// A price is in 10⁻¹² units of its currency per token, and a cost in 10⁻⁹ units, so that a price
/// of six decimal places per million tokens is exact.
package struct ModelPrice: Hashable, Sendable {
    /// The highest price of a token: 1,000,000,000 currency units per million tokens.
    package static let highestPerToken: Int64 = 1_000_000_000_000_000
    /// How many decimal places a price per million tokens has at most.
    package static let mostDecimalPlaces = 6

    /// The currency, by its three letters: `USD`.
    package let currency: String
    /// A token of the prompt, in 10⁻¹² currency units.
    package let input: Int64
    /// A token of the prompt that the backend had in its cache, in 10⁻¹² currency units.
    package let cachedInput: Int64
    /// A generated token, in 10⁻¹² currency units.
    package let output: Int64
    /// A generated token of reasoning, in 10⁻¹² currency units.
    package let reasoning: Int64

    /// Creates a price from prices per token, in 10⁻¹² currency units.
    ///
    /// - Parameters:
    ///   - currency: three capital letters, such as `USD`.
    ///   - input: a token of the prompt.
    ///   - cachedInput: one that the backend had in its cache; nil for the price of `input`.
    ///   - output: a generated token.
    ///   - reasoning: one of reasoning; nil for the price of `output`.
    /// - Throws: ``PriceError`` for what is out of range.
    package init(
        currency: String,
        input: Int64,
        cachedInput: Int64? = nil,
        output: Int64,
        reasoning: Int64? = nil
    ) throws(PriceError) {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard currency.utf8.count == 3, currency.utf8.allSatisfy(capitals.contains) else {
            throw PriceError("a currency must be three capital letters, such as USD")
        }
        let prices = [input, cachedInput ?? input, output, reasoning ?? output]
        guard prices.allSatisfy((0...Self.highestPerToken).contains) else {
            throw PriceError("a price per token must be 0 to \(Self.highestPerToken)")
        }
        self.currency = currency
        self.input = input
        self.cachedInput = cachedInput ?? input
        self.output = output
        self.reasoning = reasoning ?? output
    }

    /// The price of a token from that of a million tokens, written as a decimal number.
    ///
    /// `"0.15"` per million is 150,000 · 10⁻¹² per token.
    ///
    /// - Parameter text: digits, and at most six more behind a point; no sign, no exponent.
    /// - Returns: the price of a token, in 10⁻¹² currency units.
    /// - Throws: ``PriceError`` for any other text, and for more than 1,000,000,000.
    package static func perToken(perMillion text: String) throws(PriceError) -> Int64 {
        var value: Int64 = 0
        var places = 0
        var digits = 0
        var hasPoint = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), !hasPoint, digits > 0 {
                hasPoint = true
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
                throw notDecimal
            }
            digits += 1
            if hasPoint { places += 1 }
            guard places <= mostDecimalPlaces else {
                throw PriceError("must have at most \(mostDecimalPlaces) decimal places")
            }
            // Stays below 10 × the highest price, far from the end of the range.
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            guard value <= highestPerToken else { throw tooHigh }
        }
        guard digits > 0, hasPoint == (places > 0) else { throw notDecimal }
        for _ in places..<mostDecimalPlaces {
            value *= 10
            guard value <= highestPerToken else { throw tooHigh }
        }
        return value
    }

    private static var notDecimal: PriceError {
        PriceError("must be a decimal number, such as \"0.15\"")
    }

    private static var tooHigh: PriceError {
        PriceError("must be at most 1000000000 per million tokens")
    }

    /// What tokens cost, in 10⁻⁹ currency units.
    ///
    /// The sum is exact and rounded once, half to even; beyond 2^53 − 1 it stays there. Negative
    /// counts are none, and a part is never more than its whole, whatever a backend reports.
    package func cost(of tokens: TokenCounts) -> Int64 {
        let allInput = max(0, tokens.input)
        let cached = min(max(0, tokens.cachedInput), allInput)
        let allOutput = max(0, tokens.output)
        let reasoned = min(max(0, tokens.reasoning), allOutput)
        // Four products of at most 2^63 × 2^50.
        let sum =
            Int128(allInput - cached) * Int128(input)
            + Int128(cached) * Int128(cachedInput)
            + Int128(allOutput - reasoned) * Int128(output)
            + Int128(reasoned) * Int128(reasoning)
        let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: 1_000)
        let roundsUp = remainder > 500 || (remainder == 500 && quotient & 1 == 1)
        return Int64(min(quotient + (roundsUp ? 1 : 0), Int128(Amount.maximum)))
    }

    /// What ranks prices for routing: three tokens of the prompt and one generated token.
    ///
    /// Three to one is the usual blend by which prices of models are compared.
    package var blended: Int64 { 3 * input + output }
}
