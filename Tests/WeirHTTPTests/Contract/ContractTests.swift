import Hummingbird
import PrometheusExposition
import QuotaLedger
import StrictJSON
import Testing
import WeirHTTP

@Suite("openapi.yaml and the server say the same")
struct ContractTests {
    private func document() async throws -> OpenAPIDocument {
        let reply = try await TestServer().anonymous.get("/openapi.yaml")
        return try OpenAPIDocument(yaml: reply.text)
    }

    private func api(_ server: TestServer, credentialFailuresPerMinute: Int = 100) -> WeirAPI {
        WeirAPI(
            node: server.node, admin: AdminToken(text: TestServer.adminToken),
            readiness: server.readiness,
            metrics: APIMetrics(registry: MetricRegistry(), clock: { 0 }),
            logger: server.logs.logger,
            credentialFailuresPerMinute: credentialFailuresPerMinute, pause: { _ in })
    }

    @Test("every route is documented, and every documented one is there")
    func routes() async throws {
        let documented = Set(try await document().operations.map { "\($0.method) \($0.path)" })
        let list = api(try await TestServer()).list
        let registered = Set(list.map { "\($0.method) \($0.path)" })
        #expect(registered.subtracting(documented).sorted() == [])
        #expect(documented.subtracting(registered).sorted() == [])
        #expect(registered.count == list.count, "a route comes twice")
    }

    @Test("a wrong method on a known path is 405 and told the right ones")
    func methods() async throws {
        let server = try await TestServer()
        let paths = Dictionary(grouping: try await document().operations, by: \.path)
        for operations in paths.values {
            var allowed = Set(operations.map(\.method))
            if allowed.contains("GET") { allowed.insert("HEAD") }
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "PROPFIND"]
            where !allowed.contains(method) {
                let reply = try await server.admin.send(method, operations[0].examplePath)
                expectProblem(reply, 405, "\(method) \(operations[0].path)")
                let told = reply.header("Allow")?.split(separator: ", ").map(String.init) ?? []
                #expect(Set(told) == allowed, "\(method) \(operations[0].path)")
            }
        }
    }

    @Test("every documented answer is given, and is as documented")
    func answers() async throws {
        let document = try await document()
        var driver = ContractDriver(document: document)
        for chapter in ContractChapter.all { try await driver.run(chapter) }
        for operation in document.operations where operation.needsCredential {
            try await refusals(of: operation, &driver)
        }
        let documented = Set(
            document.operations.flatMap { operation in
                operation.answers.keys.map {
                    ContractDriver.Answer(operation: operation.id, entry: $0)
                }
            })
        #expect(documented.subtracting(driver.given).sorted() == [])
    }

    /// What every operation refuses in the same way.
    private func refusals(
        of operation: OpenAPIOperation,
        _ driver: inout ContractDriver
    ) async throws {
        let server = try await TestServer()
        let path = operation.examplePath
        let body = operation.body == nil ? nil : Array("{}".utf8)
        func send(_ client: Client, query: String = "") async throws -> Reply {
            try await client.send(operation.method, path + query, bytes: body)
        }
        let name = "\(operation.method) \(path)"
        driver.check(try await send(server.anonymous), operation, expecting: 401, name)
        driver.check(
            try await send(server.admin, query: "?a=%zz"), operation, expecting: 400, name)
        driver.check(
            try await send(server.admin, query: "?surprise=1"), operation, expecting: 422, name)
        if operation.body != nil {
            let most = operation.id == "importItems" ? 4_194_304 : 1_048_576
            let large = try await server.admin.send(
                operation.method, path, bytes: Array(repeating: 0x20, count: most + 1))
            driver.check(large, operation, expecting: 413, name)
        }
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let service = try await server.admin.post(
            "/api/admin/service-keys", ["name": "suspended"])
        _ = try await server.admin.send(
            "PATCH", "/api/admin/service-keys/\(service.string("id"))",
            bytes: Array(#"{"status":"suspended"}"#.utf8))
        let weak = operation.isAdministrative ? key.text : service.string("key")
        driver.check(try await send(server.bearer(weak)), operation, expecting: 403, name)

        let strict = Application(
            router: api(server, credentialFailuresPerMinute: 0).router(),
            logger: server.logs.logger)
        let guesser = Client(application: strict, credential: "guess")
        driver.check(try await send(guesser), operation, expecting: 429, name)

        // A key that was never seen has to be looked up.
        let unseen = try await server.admin.createKey()
        server.ledger.fail(LedgerError(.busy, "held"))
        driver.check(try await send(server.bearer(unseen.text)), operation, expecting: 503, name)
    }

    @Test("the bodies that the document shows are valid, and one more field is refused")
    func bodies() async throws {
        let document = try await document()
        let server = try await TestServer()
        // A change needs something that it changes.
        _ = try await server.admin.post("/api/admin/organizations", ["id": "globex"])
        for operation in document.operations {
            guard let schema = operation.body else { continue }
            #expect(!operation.examples.isEmpty, "\(operation.id) shows no body")
            for example in operation.examples {
                let violations = document.schema.violations(of: example, by: schema)
                #expect(violations.isEmpty, "\(operation.id): \(violations)")
                var body = try #require(example.objectValue, "\(operation.id)")
                body["surprise"] = 1
                let reply = try await server.admin.send(
                    operation.method, operation.examplePath,
                    bytes: JSONValue.object(body).encodedBytes)
                expectProblem(reply, 422, pointer: "/surprise", "\(operation.id): \(reply.text)")
            }
        }
    }
}
