import Gateway
import QuotaModel
import Testing

@Suite("addresses of backends")
struct BackendAddressTests {
    @Test("a URL is taken apart")
    func parts() throws {
        let rows: [(String, BackendAddress.Scheme, String, Int, String, String, String)] = [
            (
                "http://127.0.0.1:9001/v1", .http, "127.0.0.1", 9_001, "/v1", "127.0.0.1:9001",
                "http://127.0.0.1:9001/v1"
            ),
            (
                "https://api.example.com", .https, "api.example.com", 443, "", "api.example.com",
                "https://api.example.com"
            ),
            ("HTTP://Host/", .http, "host", 80, "", "host", "http://host"),
            (
                "https://h:80/a/b-c_d.e//", .https, "h", 80, "/a/b-c_d.e", "h:80",
                "https://h:80/a/b-c_d.e"
            ),
            ("http://vllm_1:80", .http, "vllm_1", 80, "", "vllm_1", "http://vllm_1"),
            (
                "http://[::1]:8000/v1", .http, "::1", 8_000, "/v1", "[::1]:8000",
                "http://[::1]:8000/v1"
            ),
            (
                "http://[2001:DB8::1]", .http, "2001:db8::1", 80, "", "[2001:db8::1]",
                "http://[2001:db8::1]"
            ),
        ]
        for (text, scheme, host, port, path, authority, shortest) in rows {
            let address = try BackendAddress(text)
            #expect(address.scheme == scheme && address.host == host, "\(text)")
            #expect(address.port == port && address.basePath == path, "\(text)")
            #expect(address.authority == authority && address.description == shortest, "\(text)")
            #expect(try BackendAddress(shortest) == address, "\(text)")
        }
    }

    @Test(
        "what is no plain URL of a server is refused with the way out",
        arguments: [
            ("", "begin with"), ("127.0.0.1:9001", "begin with"), ("ftp://h", "begin with"),
            ("http:/h", "begin with"), (" http://h", "begin with"), ("://h", "begin with"),
            ("http://", "host"), ("http:///v1", "host"), ("http://:80", "host"),
            ("http://a b", "host"), ("http://h\r\nX: y", "host"), ("http://h\u{0}", "host"),
            ("http://\u{FC}", "host"), ("http://[::1", "host"), ("http://[]", "host"),
            ("http://[1.2.3.4]", "host"), ("http://[::g]", "host"), ("http://[::1%25eth0]", "host"),
            ("http://" + String(repeating: "h", count: 254), "host"),
            ("http://u@h", "user"), ("http://u:p@h/v1", "user"), ("http://@h", "user"),
            ("http://h?a=b", "query"), ("http://h/v1?", "query"), ("http://h/v1#x", "fragment"),
            ("http://h:", "port"), ("http://h:0", "port"), ("http://h:65536", "port"),
            ("http://h:+80", "port"), ("http://h:8o", "port"), ("http://h:80:81", "port"),
            ("http://[::1]x", "port"), ("http://h:99999999999999999999", "port"),
            ("http://h/a/../b", "path"), ("http://h/.", "path"), ("http://h//v1", "path"),
            ("http://h/a b", "path"), ("http://h/%2e", "path"), ("http://h/v1\r\n", "path"),
            ("http://h/" + String(repeating: "a", count: 2_048), "2048"),
        ])
    func refuses(text: String, word: String) {
        let error = #expect(throws: BackendAddressError.self) { try BackendAddress(text) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "none")")
    }

    @Test("a credential is in no description of a configuration")
    func hidden() throws {
        let price = try ModelPrice(currency: "USD", input: 1, output: 2)
        let backend = BackendConfiguration(
            address: try BackendAddress("http://h"), model: "m", apiKeyEnvironment: "KEY",
            apiKey: HiddenText("sesame"), pricing: .priced(price))
        let gateway = GatewayConfiguration(models: [
            ModelConfiguration(
                name: try ModelName("m"), pricing: .free, backends: [backend])
        ])
        var dumped = ""
        dump(gateway, to: &dumped)
        for text in [dumped, "\(gateway)", String(reflecting: gateway), "\(backend)"] {
            #expect(!text.contains("sesame"))
            #expect(text.contains("KEY"))
        }
        #expect(backend.apiKey?.text == "sesame")
    }

    @Test("the price table has each model's price and the backends' own")
    func prices() throws {
        let price = try ModelPrice(currency: "USD", input: 1, output: 2)
        let address = try BackendAddress("http://h")
        var own = BackendConfiguration(address: address, model: "m", pricing: .priced(price))
        own.hasOwnPrice = true
        let plain = BackendConfiguration(address: address, model: "m", pricing: .free)
        let model = ModelConfiguration(
            name: try ModelName("m"), pricing: .free, backends: [plain, own])
        let gateway = GatewayConfiguration(models: [model])
        #expect(gateway.prices.entries.map(\.backend) == [nil, 1])
        #expect(model.pool().backends.map(\.traits.cost) == [0, 5])
        #expect(model.pool().backends.map(\.traits.maximumConcurrent) == [64, 64])
    }
}
