import Foundation
import StrictJSON
import WeirClient

/// A `weir serve` of this build before mock backends that are programs of their own, all on free
/// ports and below one folder.
struct GatewayServer: Sendable {
    /// Weir's address: `http://127.0.0.1:41235`.
    let url: String
    /// The backends' addresses, in the order of their flags.
    let backends: [String]
    /// The administrator's token.
    let adminToken: String
    private let admin: APIClient

    /// How long what is under way may take until it is booked.
    private static let settling = Duration.seconds(30)

    /// Runs `body` with a server and stops all that was started, whatever happened.
    ///
    /// - Parameters:
    ///   - flags: those of each backend.
    ///   - gateway: the section of `weir.yaml`; nil for a model `small` before all backends.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and a failure to start.
    static func run<Value: Sendable>(
        backends flags: [[String]] = [[], []],
        gateway: GatewaySection? = nil,
        _ body: (GatewayServer) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder(for: "weir-gateway")
        var processes: [ServerProcess] = []
        let result: Result<Value, any Error>
        do {
            var addresses: [String] = []
            for (index, flags) in flags.enumerated() {
                let launch = try backend(index, flags, below: folder.path)
                let process = try ServerProcess(launch)
                processes.append(process)
                addresses.append(try await address(of: process, launch))
            }
            let section =
                gateway ?? GatewaySection(models: [.init("small", backends: Array(flags.indices))])
            try section.yaml(addresses)
                .write(toFile: folder.path + "/weir.yaml", atomically: true, encoding: .utf8)
            let token = ServerLaunch.newAdminToken()
            let process = try ServerProcess(
                .weir(
                    executable: BuiltWeir.path, folder: folder.path, port: 0, adminToken: token))
            processes.append(process)
            let url = try await process.address()
            result = .success(
                try await APIClient.open(
                    url: url, credential: token, connections: 4, timeout: .seconds(30)
                ) {
                    try await body(
                        GatewayServer(
                            url: url, backends: addresses, adminToken: token, admin: $0))
                })
        } catch {
            result = .failure(error)
        }
        // The server first: what it settles at its end may need no backend, but must not miss one.
        for process in processes.reversed() { await process.stop() }
        folder.remove()
        return try result.get()
    }

    private static func backend(
        _ index: Int, _ flags: [String], below folder: String
    ) throws -> ServerLaunch {
        let own = folder + "/backend-\(index)"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        return ServerLaunch(
            executable: BuiltWeir.path, arguments: ["mock-backend", "--model", "small"] + flags,
            environment: ["PATH": "/usr/bin:/bin"], folder: own)
    }

    private static func address(
        of process: ServerProcess, _ launch: ServerLaunch
    ) async throws -> String {
        var address: String?
        _ = try await Poll.until(within: .seconds(60)) {
            let output = try? String(contentsOfFile: launch.outputPath, encoding: .utf8)
            let line = output?.split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().first
            address = line?.firstRange(of: "http").map { String(line?[$0.lowerBound...] ?? "") }
            return address != nil || !process.isRunning
        }
        guard let address else {
            throw ServerFailure("the mock backend does not start\n\(launch.lastWords)")
        }
        return address
    }

    // MARK: The directory

    /// Sends a request as administrator.
    ///
    /// - Returns: the answer's body.
    /// - Throws: a failure, and any status but 200 and 201.
    @discardableResult
    func administer(
        _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws -> JSONValue {
        let reply = await admin.send(method, path, json: body?.encodedBytes)
        guard case .answer(let answer) = reply, [200, 201].contains(answer.status) else {
            throw ServerFailure("\(method) \(path): \(reply)")
        }
        return try JSONValue(parsing: answer.body)
    }

    /// Creates a plan, and a tenant of the same name that is on it.
    ///
    /// - Parameters:
    ///   - name: the plan's and the tenant's.
    ///   - limits: the plan's: `["api_calls/month": 5]`.
    ///   - weight: the plan's: one of more weight is an upgrade.
    /// - Returns: a key of the tenant.
    /// - Throws: why there is none.
    func tenant(
        _ name: String, _ limits: [String: Int64], weight: Int64 = 1
    ) async throws -> String {
        let limits = limits.map { text, limit -> JSONValue in
            let parts = text.split(separator: "/").map { JSONValue.string(String($0)) }
            return ["meter": parts[0], "window": parts[1], "limit": .number(JSONNumber(limit))]
        }
        try await administer(
            "POST", "/api/admin/plans",
            [
                "id": .string(name), "weight": .number(JSONNumber(weight)),
                "limits": .array(limits),
            ])
        try await administer(
            "POST", "/api/admin/tenants", ["id": .string(name), "plan": .string(name)])
        let key = try await administer(
            "POST", "/api/admin/keys", ["tenant": .string(name), "name": "test"])
        guard let text = key["key"]?.stringValue else { throw ServerFailure("no key in \(key)") }
        return text
    }

    /// A tenant whose limits nothing in these tests reaches, but which count all there is.
    func unlimitedTenant(_ name: String = "acme") async throws -> String {
        try await tenant(
            name,
            [
                "api_calls/month": 1_000_000, "ai_tokens/month": 1_000_000_000_000,
                "cost_usd/month": 1_000_000_000_000_000,
            ])
    }

    // MARK: What was booked

    /// What a tenant has used, by limit, once nothing of it is held any more.
    ///
    /// - Throws: a failure, and units that stay held.
    func used(by tenant: String = "acme") async throws -> [String: Int64] {
        var used: [String: Int64] = [:]
        let isSettled = try await Poll.until(within: Self.settling) {
            let usage = try await administer("GET", "/api/v1/usage?tenant=\(tenant)")
            let limits = usage["limits"]?.arrayValue ?? []
            for limit in limits {
                guard let meter = limit["meter"]?.stringValue,
                    let window = limit["window"]?.stringValue
                else { continue }
                used["\(meter)/\(window)"] = limit["used"]?.integerValue
            }
            return limits.allSatisfy { $0["held"]?.integerValue == 0 }
        }
        guard isSettled else { throw ServerFailure("units of \(tenant) stay held") }
        return used
    }

    /// The notes of a tenant's bookings, the newest first, one for each request.
    func bookings(of tenant: String = "acme") async throws -> [JSONValue] {
        let page = try await administer(
            "GET", "/api/admin/tenants/\(tenant)/events?meter=ai_tokens&limit=100")
        return (page["items"]?.arrayValue ?? []).compactMap { $0["metadata"] }
    }

    /// What a backend says of itself, once nothing runs there.
    func books(ofBackend index: Int) async throws -> BackendBooks {
        var books = BackendBooks()
        let isAtRest = try await Poll.until(within: Self.settling) {
            let reply = try await APIClient.open(
                url: backends[index], credential: nil, connections: 1, timeout: .seconds(10)
            ) { await $0.send("GET", "/mock/statistics?requests=false") }
            guard case .answer(let answer) = reply, answer.status == 200 else {
                throw ServerFailure("the backend's books can't be read: \(reply)")
            }
            books = try answer.decode()
            return books.running == 0
        }
        guard isAtRest else { throw ServerFailure("the backend's work does not end: \(books)") }
        return books
    }

    /// The sum of all backends' books.
    func books() async throws -> BackendBooks {
        var sum = BackendBooks()
        for index in backends.indices { sum.add(try await books(ofBackend: index)) }
        return sum
    }
}
