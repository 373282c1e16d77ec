import Gateway
import Yams

extension GatewayFile {
    private static let priceKeys = ["currency", "per_million_tokens"]
    private static let tokenKeys = ["input", "cached_input", "output", "reasoning"]

    /// The value of `price` in a section; nil where there is none.
    func pricing(of section: YAMLSection) throws(ConfigurationError) -> ModelPricing? {
        guard let node = section.node("price") else { return nil }
        if let text = node.scalar?.string, node.null == nil {
            guard text == "free" else {
                throw section.error(
                    "price",
                    "must be \"free\" or a mapping of currency and per_million_tokens, "
                        + "not \(YAMLSection.quoted(text))")
            }
            return .free
        }
        guard let price = try section.section("price", known: Self.priceKeys) else { return nil }
        guard let currency = try price.text("currency") else {
            throw price.error("currency", "is missing, such as USD")
        }
        guard let tokens = try price.section("per_million_tokens", known: Self.tokenKeys) else {
            throw price.error(
                "per_million_tokens", "is missing, such as {input: \"0.15\", output: \"0.60\"}")
        }
        guard let input = try perToken("input", tokens) else {
            throw tokens.error("input", "is missing; write \"0\" if it costs nothing")
        }
        guard let output = try perToken("output", tokens) else {
            throw tokens.error("output", "is missing; write \"0\" if it costs nothing")
        }
        let cachedInput = try perToken("cached_input", tokens)
        let reasoning = try perToken("reasoning", tokens)
        do {
            return .priced(
                try ModelPrice(
                    currency: currency, input: input, cachedInput: cachedInput, output: output,
                    reasoning: reasoning))
        } catch {
            throw price.error("currency", "can't be used: \(error.description)")
        }
    }

    /// A price that is written as text, so that no reader of YAML has rounded it.
    private func perToken(
        _ key: String,
        _ tokens: YAMLSection
    ) throws(ConfigurationError) -> Int64? {
        guard let text = try tokens.text(key) else { return nil }
        if tokens.node(key)?.scalar?.style == .plain {
            throw tokens.error(
                key, "must be written as text, in quotes: \(YAMLSection.quoted(text))")
        }
        do {
            return try ModelPrice.perToken(perMillion: text)
        } catch {
            throw tokens.error(key, "\(error.description), not \(YAMLSection.quoted(text))")
        }
    }
}
