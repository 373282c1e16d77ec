import Foundation
import Gateway
import QuotaModel
import QuotaNode
import Testing

@testable import WeirServer

@Suite("the gateway's section of the file")
struct GatewayFileTests {
    private let environment = ["BACKEND_KEY": "sesame", "EMPTY": "", "BROKEN": "a\r\nX-Y: z"]

    /// The form that `Documentation/settings.md` shows.
    private let example = """
        gateway:
          models:
            small:
              price: {currency: USD, per_million_tokens: {input: "0.15", cached_input: "0.075", output: "0.60"}}
              strategy: least_outstanding        # weighted | cost
              backends:
                - {url: "http://127.0.0.1:9001/v1", kind: openai, model: small, api_key_env: BACKEND_KEY, max_concurrent: 64}
                - {url: "http://127.0.0.1:9002", kind: triton, model: small}
        """

    private func read(_ yaml: String) throws(ConfigurationError) -> GatewayConfiguration? {
        let file = try ConfigurationFile(yaml, path: "weir.yaml")
        guard let node = file.gateway else { return nil }
        return try GatewayFile(file: file.path, environment: environment).configuration(from: node)
    }

    /// The error that a file gives; empty when there is none.
    private func failure(_ yaml: String) -> String {
        do {
            _ = try read(yaml)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("the example of the documentation is read as it says")
    func documented() throws {
        let gateway = try #require(try read(example))
        let model = try #require(gateway.models.first)
        #expect(gateway.models.count == 1)
        #expect(model.name.text == "small" && model.strategy == .leastOutstanding)
        let price = try #require(model.pricing.price)
        #expect(price.currency == "USD")
        #expect(price.input == 150_000 && price.cachedInput == 75_000)
        #expect(price.output == 600_000 && price.reasoning == 600_000)
        #expect(
            model.backends.map(\.address.description) == [
                "http://127.0.0.1:9001/v1", "http://127.0.0.1:9002",
            ])
        #expect(model.backends.map(\.kind) == [.openai, .triton])
        #expect(model.backends.map(\.model) == ["small", "small"])
        #expect(model.backends.map(\.apiKey?.text) == ["sesame", nil])
        #expect(model.backends.map(\.maximumConcurrent) == [64, 64])
        #expect(model.backends.allSatisfy { $0.pricing == model.pricing && !$0.hasOwnPrice })
    }

    @Test("without the section there is no gateway, and with it the other settings still hold")
    func beside() throws {
        #expect(try read("port: 1\n") == nil)
        let file = try ConfigurationFile("port: 1\n\(example)\nhost: x\n", path: "weir.yaml")
        #expect(file.settings == ["port": "1", "host": "x"])
        #expect(file.gateway != nil)
    }

    @Test("a server's configuration has both")
    func server() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/weir.yaml"
        try "port: 4711\n\(example)\nquota_cache_ttl: 30\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        let configuration = try await ServerConfiguration(
            arguments: ["host": "::1"], environment: environment, file: path)
        #expect(configuration.port == 4711 && configuration.host == "::1")
        #expect(configuration.node.cacheTTLNanoseconds == 30_000_000_000)
        #expect(configuration.gateway?.models.map(\.name.text) == ["small"])
        await #expect(throws: ConfigurationError.self, "BACKEND_KEY is not set") {
            try await ServerConfiguration(arguments: [:], environment: [:], file: path)
        }
    }

    /// A model that lacks nothing.
    private let whole = "models: {m: {price: free, backends: [{url: \"http://h\"}]}}"

    @Test("what is not said is the default")
    func defaults() throws {
        let gateway = try #require(try read("gateway: {\(whole)}"))
        #expect(gateway == GatewayConfiguration(models: gateway.models))
        #expect(gateway.maximumBodyBytes == 10_485_760 && gateway.maximumOutputTokens == 131_072)
        #expect(gateway.connectTimeoutMilliseconds == 2_000)
        #expect(gateway.firstByteTimeoutMilliseconds == 120_000)
        #expect(gateway.idleTimeoutMilliseconds == 60_000)
        #expect(gateway.totalTimeoutMilliseconds == 600_000)
        #expect(gateway.onDisconnect == .cancel && gateway.drainMilliseconds == 5_000)
        #expect(gateway.onExhausted == .cut && gateway.retries == 2)
        #expect(gateway.probeIntervalMilliseconds == 5_000)
        #expect(
            gateway.tokensMeter.text == "ai_tokens" && gateway.requestsMeter.text == "api_calls")
        let model = try #require(gateway.models.first)
        #expect(model.pricing == .free && model.maximumOutputTokens == nil)
        let backend = try #require(model.backends.first)
        #expect(backend.model == "m" && backend.kind == .openai && backend.weight == 1)
        #expect(backend.maximumConcurrent == 64 && backend.apiKeyEnvironment == nil)
    }

    @Test("everything can be set")
    func all() throws {
        let gateway = try #require(
            try read(
                """
                gateway:
                  max_body_bytes: 2048
                  max_output_tokens: 1000
                  connect_timeout_ms: 1
                  first_byte_timeout_ms: 2
                  idle_timeout_ms: 3
                  total_timeout_ms: 4
                  on_disconnect: drain
                  drain_ms: 0
                  on_exhausted: finish
                  retries: 0
                  probe_interval_ms: 0
                  tokens_meter: tokens
                  requests_meter: requests
                  models:
                    zeta:
                      price: free
                      backends: [{url: "http://h"}]
                    alpha:
                      max_output_tokens: 77
                      strategy: cost
                      price:
                        currency: NGN
                        per_million_tokens: {input: "1", output: "2", reasoning: "3"}
                      backends:
                        - url: https://h/v1
                          model: other
                          max_concurrent: 100000
                          weight: 7
                          price: {currency: NGN, per_million_tokens: {input: "4", output: "5"}}
                        - {url: "http://h", price: free}
                """))
        #expect(gateway.maximumBodyBytes == 2_048 && gateway.maximumOutputTokens == 1_000)
        #expect(gateway.connectTimeoutMilliseconds == 1)
        #expect(gateway.firstByteTimeoutMilliseconds == 2)
        #expect(gateway.idleTimeoutMilliseconds == 3 && gateway.totalTimeoutMilliseconds == 4)
        #expect(gateway.onDisconnect == .drain && gateway.drainMilliseconds == 0)
        #expect(gateway.onExhausted == .finish && gateway.retries == 0)
        #expect(gateway.probeIntervalMilliseconds == 0)
        #expect(gateway.tokensMeter.text == "tokens" && gateway.requestsMeter.text == "requests")
        #expect(gateway.models.map(\.name.text) == ["alpha", "zeta"])
        let model = try #require(gateway.models.first)
        #expect(model.strategy == .cost && model.maximumOutputTokens == 77)
        #expect(model.pricing.price?.reasoning == 3_000_000)
        let backend = try #require(model.backends.first)
        #expect(backend.hasOwnPrice && backend.pricing.price?.input == 4_000_000)
        #expect(backend.weight == 7 && backend.maximumConcurrent == 100_000)
        #expect(backend.model == "other" && backend.address.scheme == .https)
        #expect(model.backends[1].pricing == .free && model.backends[1].hasOwnPrice)
    }

    @Test("an unknown key says where, and what was meant, however deep it is")
    func unknownKeys() {
        let rows: [(String, Int, String, String)] = [
            ("gatewy:\n  models: {}", 1, "gatewy", "gateway"),
            ("gateway:\n  model:\n    m: 1", 2, "model", "models"),
            ("gateway:\n  models:\n    m:\n      pirce: free", 4, "pirce", "price"),
            ("port: 1\ngateway:\n  models:\n    m:\n      backend: []", 5, "backend", "backends"),
            (
                "gateway:\n  models:\n    m:\n      price:\n        curency: USD", 5, "curency",
                "currency"
            ),
            (
                "gateway:\n models:\n  m:\n   price:\n    currency: USD\n"
                    + "    per_million_tokens: {input: \"1\", cached_imput: \"1\"}", 6,
                "cached_imput",
                "cached_input"
            ),
            (
                "gateway:\n  models:\n    m:\n      price: free\n      backends:\n"
                    + "        - url: \"http://h\"\n          api_key: sesame", 7, "api_key",
                "api_key_env"
            ),
        ]
        for (yaml, line, key, nearest) in rows {
            let expected =
                "weir.yaml, line \(line): unknown key \"\(key)\"; did you mean \"\(nearest)\"?"
            #expect(failure(yaml) == expected)
        }
    }

    /// A file with one model, which has this price, this backend and what else there is.
    private func model(
        price: String = "free",
        backend: String = "",
        more: String = ""
    ) -> String {
        """
        gateway:
          models:
            m:
              price: \(price)
              \(more)
              backends:
                - {url: "http://h"\(backend)}
        """
    }

    @Test("a value that can't be used names the field, the line and the way out")
    func badValues() {
        let price = "gateway.models.m.price"
        let tokens = "\(price).per_million_tokens"
        let backend = "gateway.models.m.backends[0]"
        func priced(_ tokens: String) -> String {
            model(price: "{currency: USD, per_million_tokens: \(tokens)}")
        }
        let rows: [(String, Int, String)] = [
            ("gateway:", 1, "gateway must be a mapping, such as \"models: …\""),
            ("gateway: 5", 1, "gateway must be a mapping"),
            ("gateway: {retries: 1}", 1, "gateway.models must have at least one model"),
            ("gateway:\n  models: {}", 2, "gateway.models must have at least one model"),
            ("gateway:\n  models: [a]", 2, "gateway.models must be a mapping"),
            ("gateway:\n  models:\n    m:\n", 3, "gateway.models.m must be a mapping"),
            (
                "gateway:\n  models:\n    m:\n      backends: [{url: \"http://h\"}]", 4,
                "\(price) is missing; a model that costs nothing says \"price: free\""
            ),
            (model(price: "Free"), 4, "\(price) must be \"free\" or a mapping"),
            (model(price: ""), 4, "\(price) must be a mapping"),
            (model(price: "[1]"), 4, "\(price) must be a mapping"),
            (model(price: "{currency: USD}"), 4, "\(tokens) is missing"),
            (
                model(price: "{per_million_tokens: {input: \"1\", output: \"1\"}}"), 4,
                "\(price).currency is missing"
            ),
            (
                model(
                    price: "{currency: usd, per_million_tokens: {input: \"1\", output: \"1\"}}"),
                4, "\(price).currency can't be used: a currency must be three capital letters"
            ),
            (
                priced("{input: 0.15, output: \"1\"}"), 4,
                "\(tokens).input must be written as text, in quotes: \"0.15\""
            ),
            (priced("{input: 3, output: \"1\"}"), 4, "in quotes: \"3\""),
            (priced("{input: \"1\"}"), 4, "\(tokens).output is missing; write \"0\""),
            (priced("{output: \"1\"}"), 4, "\(tokens).input is missing"),
            (
                priced("{input: \"1e3\", output: \"1\"}"), 4,
                "\(tokens).input must be a decimal number, such as \"0.15\", not \"1e3\""
            ),
            (priced("{input: \"-1\", output: \"1\"}"), 4, "\(tokens).input must be a decimal"),
            (
                priced("{input: \"1\", output: \"0.0000001\"}"), 4,
                "\(tokens).output must have at most 6 decimal places"
            ),
            (priced("{input: [1], output: \"1\"}"), 4, "\(tokens).input must be a single value"),
            (priced("{input: \"\", output: \"1\"}"), 4, "\(tokens).input must have a value"),
            (
                model(more: "strategy: random"), 5,
                "gateway.models.m.strategy must be least_outstanding or weighted or cost, "
                    + "not \"random\""
            ),
            (
                model(more: "max_output_tokens: 0"), 5,
                "gateway.models.m.max_output_tokens must be an integer from 1 to 1000000000, "
                    + "not \"0\""
            ),
            (
                "gateway: {models: {m: {price: free}}}", 1,
                "gateway.models.m.backends must have 1 to 64 backends"
            ),
            (
                "gateway: {models: {m: {price: free, backends: []}}}", 1,
                "gateway.models.m.backends must have 1 to 64 backends"
            ),
            (
                "gateway: {models: {m: {price: free, backends: {url: x}}}}", 1,
                "gateway.models.m.backends must be a list"
            ),
            (
                "gateway: {models: {m: {price: free, backends: [\"http://h\"]}}}", 1,
                "\(backend) must be a mapping, such as \"url: …\""
            ),
            (
                "gateway: {models: {m: {price: free, backends: [{kind: openai}]}}}", 1,
                "\(backend).url is missing"
            ),
            (model(backend: ", kind: vllm"), 7, "\(backend).kind must be openai or triton"),
            (
                model(backend: ", max_concurrent: 0"), 7,
                "\(backend).max_concurrent must be an integer from 1 to 100000, not \"0\""
            ),
            (model(backend: ", max_concurrent: 100001"), 7, "\(backend).max_concurrent must be"),
            (model(backend: ", max_concurrent: 1.5"), 7, "\(backend).max_concurrent must be"),
            (model(backend: ", max_concurrent: ~"), 7, "must have a value, or be left out"),
            (model(backend: ", weight: 1001"), 7, "\(backend).weight must be an integer"),
            (model(backend: ", model: \"a\\nb\""), 7, "\(backend).model must not contain control"),
            (
                model(backend: ", api_key_env: MISSING"), 7,
                "\(backend).api_key_env names MISSING, which is not set in the environment"
            ),
            (model(backend: ", api_key_env: EMPTY"), 7, "names EMPTY, which is not set"),
            (model(backend: ", api_key_env: BROKEN"), 7, "visible ASCII"),
            ("gateway: {retries: 11, \(whole)}", 1, "gateway.retries must be an integer from 0"),
            (
                "gateway: {probe_interval_ms: 99, \(whole)}", 1,
                "gateway.probe_interval_ms must be 0 or an integer from 100 to 3600000"
            ),
            (
                "gateway: {on_disconnect: wait, \(whole)}", 1,
                "gateway.on_disconnect must be cancel or drain, not \"wait\""
            ),
            (
                "gateway: {tokens_meter: \"\", \(whole)}", 1,
                "gateway.tokens_meter must have a value"
            ),
            (
                "gateway: {max_body_bytes: 10MB, \(whole)}", 1,
                "gateway.max_body_bytes must be an integer from 1024 to 268435456, not \"10MB\""
            ),
            (
                "gateway:\n  models:\n    \"a\\tb\":\n      price: free", 4,
                "gateway.models.a?b can't be a model's name, which must not contain control"
            ),
        ]
        for (yaml, line, problem) in rows {
            let message = failure(yaml)
            #expect(message.hasPrefix("weir.yaml, line \(line): "), "\(message)\n\(yaml)")
            #expect(message.contains(problem), "\(message)\n\(yaml)")
            #expect(!message.contains("\n"))
        }
    }

    @Test("two currencies in one model are refused, free beside any is not")
    func currencies() throws {
        func price(_ currency: String) -> String {
            "{currency: \(currency), per_million_tokens: {input: \"1\", output: \"1\"}}"
        }
        let mixed = model(price: price("USD"), backend: ", price: \(price("EUR"))")
        #expect(failure(mixed).contains("backends[0].price must be in USD"))
        #expect(failure(model(price: price("USD"), backend: ", price: free")).isEmpty)
        #expect(failure(model(backend: ", price: \(price("EUR"))")).isEmpty)
    }

    @Test("a model that stands there twice is an error that names it")
    func duplicates() {
        let message = failure(
            """
            gateway:
              models:
                twin: {price: free, backends: [{url: "http://h"}]}
                twin: {price: free, backends: [{url: "http://h"}]}
            """)
        #expect(message.contains("twin"), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        "no error shows what may be a secret",
        arguments: [
            "{url: \"http://user:sesame@h\"}", "{url: \"http://h?key=sesame\"}",
            "{url: \"http://h\", api_key_env: sk-sesame}",
            "{url: \"http://h\", api_key_env: sesame}",
            "{url: \"http://h\", api_key_env: BROKEN}",
        ])
    func secrets(backend: String) {
        let message = failure("gateway: {models: {m: {price: free, backends: [\(backend)]}}}")
        #expect(message.contains("backends[0]"))
        #expect(!message.contains("sesame") && !message.contains("X-Y"), "\(message)")
    }

    @Test("more models or backends than the bound are refused")
    func bounds() {
        let backend = "{url: \"http://h\"}"
        func models(_ count: Int) -> String {
            let model = "{price: free, backends: [\(backend)]}"
            let all = (1...count).map { "m\($0): \(model)" }.joined(separator: ", ")
            return "gateway: {models: {\(all)}}"
        }
        func backends(_ count: Int) -> String {
            let all = Array(repeating: backend, count: count).joined(separator: ", ")
            return "gateway: {models: {m: {price: free, backends: [\(all)]}}}"
        }
        #expect(failure(models(1_024)).isEmpty && failure(backends(64)).isEmpty)
        #expect(failure(models(1_025)).contains("at most 1024 models"))
        #expect(failure(backends(65)).contains("1 to 64 backends"))
    }
}
