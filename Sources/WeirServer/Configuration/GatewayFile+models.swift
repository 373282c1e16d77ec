import Gateway
import QuotaModel

extension GatewayFile {
    private static let modelKeys = ["price", "strategy", "max_output_tokens", "backends"]
    private static let backendKeys = [
        "url", "kind", "model", "api_key_env", "max_concurrent", "weight", "price",
    ]
    /// The longest credential of a backend, in bytes.
    private static let maximumKeyBytes = 4_096

    /// The models, in the order of their names.
    func models(_ gateway: YAMLSection) throws(ConfigurationError) -> [ModelConfiguration] {
        guard let section = try gateway.section("models", known: nil), !section.names.isEmpty
        else { throw gateway.error("models", "must have at least one model, by its name") }
        guard section.names.count <= GatewayConfiguration.mostModels else {
            throw gateway.error(
                "models", "must have at most \(GatewayConfiguration.mostModels) models")
        }
        var models: [ModelConfiguration] = []
        for name in section.names {
            models.append(try model(name, in: section))
        }
        return models
    }

    private func model(
        _ text: String,
        in models: YAMLSection
    ) throws(ConfigurationError) -> ModelConfiguration {
        let name: ModelName
        do {
            name = try ModelName(text)
        } catch {
            throw models.error(text, "can't be a model's name, which \(error.description)")
        }
        guard let section = try models.section(text, known: Self.modelKeys) else {
            throw models.error(text, "must be a mapping")
        }
        guard let pricing = try pricing(of: section) else {
            throw section.error(
                "price", "is missing; a model that costs nothing says \"price: free\"")
        }
        var model = ModelConfiguration(name: name, pricing: pricing, backends: [])
        if let strategy = try section.choice("strategy", of: RoutingStrategy.self) {
            model.strategy = strategy
        }
        if let tokens = try section.integer(
            "max_output_tokens", in: GatewayConfiguration.outputTokensRange)
        {
            model.maximumOutputTokens = Int64(tokens)
        }
        let backends = try section.sections("backends", known: Self.backendKeys) ?? []
        guard (1...BackendPool.mostBackends).contains(backends.count) else {
            throw section.error(
                "backends",
                "must have 1 to \(BackendPool.mostBackends) backends, such as "
                    + "\"- {url: \"http://127.0.0.1:9001/v1\"}\"")
        }
        for backend in backends {
            model.backends.append(try self.backend(backend, of: model))
        }
        return model
    }

    private func backend(
        _ section: YAMLSection,
        of model: ModelConfiguration
    ) throws(ConfigurationError) -> BackendConfiguration {
        guard let url = try section.text("url") else {
            throw section.error("url", "is missing, such as \"http://127.0.0.1:9001/v1\"")
        }
        var backend: BackendConfiguration
        do {
            backend = BackendConfiguration(
                address: try BackendAddress(url), model: model.name.text, pricing: model.pricing)
        } catch {
            // The value is not shown: it may hold a password.
            throw section.error("url", error.description)
        }
        if let kind = try section.choice("kind", of: BackendConfiguration.Kind.self) {
            backend.kind = kind
        }
        if let name = try section.text("model") {
            do {
                backend.model = try ModelName(name).text
            } catch {
                throw section.error("model", error.description)
            }
        }
        if let count = try section.integer(
            "max_concurrent", in: BackendConfiguration.concurrencyRange)
        {
            backend.maximumConcurrent = count
        }
        if let weight = try section.integer("weight", in: BackendConfiguration.weightRange) {
            backend.weight = weight
        }
        if let own = try pricing(of: section) {
            try check(own, of: section, against: model)
            backend.pricing = own
            backend.hasOwnPrice = true
        }
        backend.apiKeyEnvironment = try section.text("api_key_env")
        backend.apiKey = try key(section)
        return backend
    }

    /// Prices in two currencies can't be compared, nor held in one and charged in the other.
    private func check(
        _ pricing: ModelPricing,
        of section: YAMLSection,
        against model: ModelConfiguration
    ) throws(ConfigurationError) {
        let others = [model.pricing] + model.backends.map(\.pricing)
        guard let own = pricing.price?.currency,
            let other = others.lazy.compactMap(\.price?.currency).first, own != other
        else { return }
        throw section.error("price", "must be in \(other), as the model's other prices are")
    }

    private func key(_ section: YAMLSection) throws(ConfigurationError) -> HiddenText? {
        let key = "api_key_env"
        guard let name = try section.text(key) else { return nil }
        // The names that POSIX leaves to programs; hardly a credential looks like that.
        let isName = name.utf8.allSatisfy { byte in
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            return isCapital || isDigit || byte == UInt8(ascii: "_")
        }
        guard isName else {
            // The value is not shown: it may be the credential itself.
            throw section.error(
                key,
                "must be the name of an environment variable, in capitals, such as BACKEND_KEY; "
                    + "never the credential itself")
        }
        guard let value = environment[name], !value.isEmpty else {
            throw section.error(
                key, "names \(name), which is not set in the environment; set it, or leave it out")
        }
        guard value.utf8.count <= Self.maximumKeyBytes,
            value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw section.error(
                key,
                "names \(name), whose value must be 1 to \(Self.maximumKeyBytes) visible ASCII "
                    + "characters without blanks or line ends")
        }
        return HiddenText(value)
    }
}
