import Foundation
import StrictJSON
import Testing
import WeirClient

/// The commands that ask a server, as a person calls them.
struct CommandsTests {
    @Test func quotaFromTheFirstUnitToTheLast() async throws {
        try await TestServer.run { server in
            let created = try await server.weir("tenant", "create", "acme", "--name", "Acme")
            #expect(created.status == 0, "\(created.errors)")
            let consumed = try await server.weir(
                "quota", "consume", "acme", "--charge", "ai_tokens=99_999", "--json")
            #expect(consumed.status == 0, "\(consumed.errors)")
            #expect(try consumed.json()["allowed"] == true)
            let check = try await server.weir("quota", "check", "acme", "--charge", "ai_tokens=2")
            #expect(check.status == 2)
            #expect(check.output.contains("tenant:ai_tokens/month: 2 requested, 1 available"))
            let refused = try await server.weir(
                "quota", "consume", "acme", "--charge", "ai_tokens=2")
            #expect(refused.status == 2)
            let usage = try await server.weir("quota", "usage", "--meter", "ai_tokens", "--json")
            #expect(try usage.json()["tenants"] == ["acme": 99_999])
            for name in ["stats", "health"] {
                let answer = try await server.weir("quota", name)
                #expect(answer.status == 0, "\(answer.errors)")
            }
            #expect(try await server.weir("quota", "warm", "acme").status == 0)
            #expect(try await server.weir("quota", "clear").status == 0)
        }
    }

    @Test func outputThatNobodyTakesEndsTheCommandQuietly() async throws {
        try await TestServer.run { server in
            for command in ["plan list", "plan list --json", "export"] {
                let closed = try await server.bash(
                    "exec 3> >(:); wait $!; \"$WEIR\" \(command) >&3")
                #expect(closed.status == 141, "\(command)")
                #expect(closed.errors == "", "\(command)")
            }
            #if os(Linux)
            let full = try await server.bash("\"$WEIR\" plan list >/dev/full")
            #expect(full.status == 1)
            #expect(full.errors.contains("No space left on device"), "\(full.errors)")
            #endif
        }
    }

    @Test func tenantsKeysAndOverrides() async throws {
        try await TestServer.run { server in
            for id in ["a", "b", "c/../d"] {
                #expect(try await server.weir("tenant", "create", id).status == 0)
            }
            let list = try await server.weir("tenant", "list", "--limit", "2", "--json")
            #expect(try list.json().arrayValue?.count == 2)
            #expect(list.errors.contains("--all"))
            let all = try await server.weir("tenant", "list", "--all", "--json")
            #expect(try all.json().arrayValue?.count == 3)
            let updated = try await server.weir(
                "tenant", "update", "c/../d", "--plan", "pro", "--json")
            #expect(try updated.json()["plan"] == "professional")

            let key = try await server.weir("key", "create", "a", "--name", "prod", "--json")
            let keyID = try #require(try key.json()["id"]?.stringValue)
            #expect(try key.json()["key"]?.stringValue?.hasPrefix("wk_live_") == true)
            #expect(try await server.weir("key", "suspend", keyID).status == 0)
            #expect(try await server.weir("key", "activate", keyID).status == 0)
            let asked = try await server.weir("key", "revoke", keyID)
            #expect(asked.status == 64)
            #expect(asked.errors.contains("--yes"))
            #expect(try await server.weir("key", "revoke", keyID, "--yes").status == 0)
            let shown = try await server.weir("key", "show", keyID, "--json")
            #expect(try shown.json()["status"] == "revoked")

            let set = try await server.weir(
                "override", "set", "a", "ai_tokens/month", "unlimited", "--reason", "launch")
            #expect(set.status == 0, "\(set.errors)")
            let override = try await server.weir(
                "override", "show", "a", "ai_tokens/month", "--json")
            #expect(try override.json()["limit"] == JSONValue.null)
            #expect(try override.json()["reason"] == "launch")
            #expect(try await server.weir("tenant", "close", "b", "--yes").status == 0)
            let audit = try await server.weir("audit", "--tenant", "a", "--json")
            let actions = try audit.json().arrayValue?.compactMap { $0["action"]?.stringValue }
            #expect(actions?.contains("override.put") == true)
        }
    }

    @Test func whatGoesWrongSaysWhatToDo() async throws {
        try await TestServer.run { server in
            let missing = try await server.weir("tenant", "show", "nobody")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("nobody"))
            let empty = try await server.weir("key", "list", "--tenant", "nobody")
            #expect(empty.status == 1)
            #expect(empty.errors.contains("there is no tenant \"nobody\""), "\(empty.errors)")
            let environment = ["WEIR_URL": server.url, "WEIR_ADMIN_TOKEN": "admin-wrong-token-000"]
            try await ChildCommand.run(["tenant", "list"], environment: environment) { command in
                let status = try await command.exitStatus()
                #expect(status == 1)
                #expect(command.errors.contains("set WEIR_ADMIN_TOKEN"))
            }
        }
        let environment = ["WEIR_URL": "http://127.0.0.1:1", "WEIR_ADMIN_TOKEN": "x"]
        try await ChildCommand.run(["tenant", "list"], environment: environment) { command in
            let status = try await command.exitStatus()
            #expect(status == 1)
            #expect(command.errors.contains("Is `weir serve` running there?"))
        }
    }
}
