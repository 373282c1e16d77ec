/// The section `gateway` of a `weir.yaml`, as tests need it.
struct GatewaySection: Sendable {
    /// A model and the backends that serve it.
    struct Model: Sendable {
        /// What a token costs, in billionths of a dollar.
        static let nanoPerInputToken: Int64 = 1_000
        static let nanoPerOutputToken: Int64 = 2_000

        let name: String
        let backends: [Int]
        let strategy: String

        /// A model `name` before the backends of these numbers.
        init(_ name: String, backends: [Int], strategy: String = "least_outstanding") {
            self.name = name
            self.strategy = strategy
            self.backends = backends
        }
    }

    var models: [Model]
    /// Other settings: `["idle_timeout_ms": 500]`.
    var settings: [String: Int] = [:]

    /// The text of the file, for backends at these addresses.
    func yaml(_ addresses: [String]) -> String {
        var text = "gateway:\n"
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            text += "  \(name): \(value)\n"
        }
        text += "  models:\n"
        for model in models {
            text += """
                    \(model.name):
                      price: {currency: USD, per_million_tokens: {input: "1", output: "2"}}
                      strategy: \(model.strategy)
                      backends:

                """
            for index in model.backends {
                text += "        - {url: \"\(addresses[index])/v1\", model: small}\n"
            }
        }
        return text
    }
}
