import Foundation
import StrictJSON
import Testing
import WeirClient

/// `weir apply`, `weir import` and `weir export` against a server.
struct CommandsBulkTests {
    private func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        return try await body(folder.path)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// The lines of an export without the time at which tenants were created, which is the
    /// server's own.
    private func lines(_ path: String) throws -> [JSONValue] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { line in
                var object = try JSONValue(parsing: line.utf8).objectValue ?? JSONObject()
                if object["kind"] == "tenant" { object["created_at"] = nil }
                return .object(object)
            }
    }

    @Test func aManifestIsAppliedOnce() async throws {
        try await withFolder { folder in
            let path = folder + "/m.yaml"
            try write(
                """
                meters:
                - {id: gpu_seconds, kind: counter, record: hourly}
                plans:
                - id: team
                  weight: 2
                  limits:
                  - {meter: gpu_seconds, window: month, limit: 3_600}
                organizations:
                - id: globex
                  limits: [{meter: gpu_seconds, window: month, limit: 10_000}]
                tenants:
                - {id: acme, plan: team, organization: globex, billing_anchor: 2026-01-31}
                overrides:
                - {tenant: acme, meter: gpu_seconds, window: month, limit: 7_200, periods: 2}
                """, path)
            try await TestServer.run { server in
                let pending = try await server.weir("apply", "-f", path, "--dry-run")
                #expect(pending.status == 3, "\(pending.errors)")
                #expect(pending.output.contains("+ plan team"))
                #expect(try await server.weir("apply", "-f", path).status == 64)
                let applied = try await server.weir("apply", "-f", path, "--yes")
                #expect(applied.status == 0, "\(applied.errors)")
                let again = try await server.weir("apply", "-f", path, "--dry-run")
                #expect(again.status == 0, "\(again.output)")
                #expect(again.output == "= 5 unchanged\n")
                try write("tenants: [{id: b, plan: team, organization: nowhere}]", path)
                let warned = try await server.weir("apply", "-f", path, "--dry-run")
                #expect(warned.output.contains("! there is no organization \"nowhere\""))
                #expect(!warned.output.contains("there is no plan"))
            }
        }
    }

    @Test func aManifestOfPlansThatChangeIsAppliedOnce() async throws {
        try await withFolder { folder in
            let path = folder + "/m.yaml"
            func manifest(_ acme: String, percent: Int) -> String {
                """
                plans:
                - id: team
                  limits:
                  - meter: ai_tokens
                    window: month
                    limit: 5_000_000
                    rollover: {cap: {total: 10_000_000}}
                    thresholds: [90, 50]
                tenants:
                - {id: acme, plan: \(acme)}
                - {id: globex, plan: free, trial: {plan: pro, ends_at: 2099-01-01T00:00:00Z}}
                - {id: initech, plan: free, scheduled_plan: {plan: team, at: 2099-01-01T00:00:00Z}}
                - {id: umbrella, plan: free, trial: {plan: pro, ends_at: 2020-01-01T00:00:00Z}}
                overrides:
                - {tenant: acme, meter: ai_tokens, window: month, limit: 7_200, author: sales,
                   expires_at: 2098-01-01T00:00:00Z}
                - {tenant: acme, meter: ai_tokens, window: month, multiplier_percent: \(percent),
                   starts_at: 2098-01-01T00:00:00Z}
                """
            }
            try await TestServer.run { server in
                // The smaller plan acts when the period ends.
                for (plan, percent) in [("pro", 150), ("team", 200)] {
                    try write(manifest(plan, percent: percent), path)
                    let applied = try await server.weir("apply", "-f", path, "--yes")
                    #expect(applied.status == 0, "\(applied.errors)")
                    let again = try await server.weir("apply", "-f", path, "--dry-run")
                    #expect(again.status == 0, "\(again.output)")
                    #expect(again.output == "= 7 unchanged\n")
                }
                let plan = try await server.weir("ask", "plan", "acme", "--json")
                #expect(try plan.json()["plan"] == "professional")
                #expect(try plan.json()["next_change"]?["plan"] == "team")
            }
        }
    }

    @Test func importsCanBeRepeated() async throws {
        try await withFolder { folder in
            let tenants = folder + "/tenants.csv"
            try write("id,plan\n" + (0..<2_500).map { "t\($0),free\n" }.joined(), tenants)
            let keys = folder + "/keys.csv"
            try write("id,tenant\nk_1,t1\nk_2,t2\nk_3,t\u{9}3\n", keys)
            let hash = folder + "/hash.txt"
            let date = "2026-04-09"
            try write("quota:hash:\(date):0001\nt1\n150\nt2\nEXCEEDED\n", hash)
            let daily = folder + "/daily.csv"
            try write("api_key_id,date,request_count\nk_1,\(date),7\n", daily)
            try await TestServer.run { server in
                let first = try await server.weir("import", "tenants", tenants, "--json")
                #expect(first.status == 0, "\(first.errors)")
                #expect(try first.json()["created"] == 2_500)
                let second = try await server.weir("import", "tenants", tenants, "--json")
                #expect(try second.json()["skipped"] == 2_500)

                let secrets = folder + "/secrets.jsonl"
                let made = try await server.weir(
                    "import", "keys", keys, "--secrets-out", secrets, "--json")
                #expect(made.status == 1)
                #expect(made.errors.contains("line 4: "))
                let lines = try String(contentsOfFile: secrets, encoding: .utf8)
                    .split(separator: "\n")
                #expect(lines.count == 2)

                for _ in 0..<2 {
                    let use = try await server.weir("import", "quota-hash", hash, "--json")
                    #expect(use.status == 0, "\(use.errors)")
                    let table = try await server.weir("import", "daily", daily, "--json")
                    #expect(table.status == 0, "\(table.errors)")
                }
                let usage = try await server.weir("quota", "usage", "--date", date, "--json")
                #expect(try usage.json()["tenants"] == ["t1": 157])
            }
        }
    }

    @Test func failedRowsAreMendedAndImportedAgain() async throws {
        try await withFolder { folder in
            let path = folder + "/tenants.csv"
            let failed = folder + "/failed.csv"
            try write("id,plan\na,free\n\"b\"x,free\nc,free\nd,free,y\n", path)
            try await TestServer.run { server in
                let first = try await server.weir(
                    "import", "tenants", path, "--errors-out", failed)
                #expect(first.status == 1)
                #expect(first.errors.hasPrefix("line 3: "), "\(first.errors)")
                let rows = try String(contentsOfFile: failed, encoding: .utf8)
                #expect(rows.hasPrefix("id,plan,error\n\"b\"x,free,"), "\(rows)")
                try write(
                    rows.replacing("\"b\"x", with: "b").replacing("d,free,y", with: "d,free"),
                    failed)
                let same = try await server.weir(
                    "import", "tenants", failed, "--errors-out", failed)
                #expect(same.status == 1)
                #expect(same.errors.contains("--errors-out is the file that is imported"))
                let second = try await server.weir("import", "tenants", failed, "--json")
                #expect(second.status == 0, "\(second.errors)")
                #expect(try second.json()["created"] == 2)
                let list = try await server.weir("tenant", "list", "--json")
                #expect(list.output.split(separator: "\n").count == 4, "\(list.output)")

                let snapshot = folder + "/snapshot.jsonl"
                #expect(try await server.weir("export", "-o", snapshot).status == 0)
                let wrong = try await server.weir("import", "tenants", snapshot)
                #expect(wrong.status == 1)
                #expect(wrong.errors.contains("use weir import snapshot"))
            }
        }
    }

    @Test func anExportImportedElsewhereExportsTheSame() async throws {
        try await withFolder { folder in
            let snapshot = folder + "/a.jsonl"
            let copy = folder + "/b.jsonl"
            let future = "2099-01-01T00:00:00Z"
            try await TestServer.run { server in
                #expect(try await server.weir("tenant", "create", "a/é").status == 0)
                #expect(try await server.weir("key", "create", "a/é", "--name", "x").status == 0)
                let commands = [
                    ["tenant", "create", "b", "--trial-plan", "pro", "--trial-ends", future],
                    ["tenant", "create", "c", "--plan", "pro"],
                    ["tenant", "update", "c", "--plan", "free"],
                    ["override", "set", "a/é", "ai_tokens/month", "5", "--expires-at", future],
                    [
                        "override", "set", "a/é", "ai_tokens/month", "--multiplier-percent", "150",
                        "--starts-at", future, "--author", "x", "--reason", "y",
                    ],
                    ["grant", "create", "a/é", "ai_tokens/month", "10", "--reason", "bought"],
                    ["grant", "create", "c", "ai_tokens/month", "8", "--expires-at", future],
                    ["quota", "consume", "a/é", "--charge", "ai_tokens=7"],
                ]
                for command in commands {
                    let made = try await server.weir(command)
                    #expect(made.status == 0, "\(command): \(made.errors)")
                }
                let held = try await server.weir("allocation", "set", "a/é", "projects", "2")
                #expect(held.status == 0, "\(held.errors)")
                let used = try await server.weir("quota", "consume", "a/é")
                #expect(used.status == 0, "\(used.errors)")
                let exported = try await server.weir("export", "--usage", "-o", snapshot)
                #expect(exported.status == 0, "\(exported.errors)")
            }
            try await TestServer.run { server in
                for _ in 0..<2 {
                    let imported = try await server.weir(
                        "import", "snapshot", snapshot, "--usage")
                    #expect(imported.status == 0, "\(imported.errors)")
                }
                #expect(try await server.weir("export", "--usage", "-o", copy).status == 0)
            }
            #expect(
                try String(contentsOfFile: copy, encoding: .utf8)
                    == String(contentsOfFile: snapshot, encoding: .utf8))
            let grants = try lines(copy).filter { $0["kind"] == "grant" }
            #expect(grants.map { $0["remaining"] } == [8, 8])
            #expect(grants.map { $0["remaining_at_period_start"] } == [10, 8])
            let mode = try FileManager.default.attributesOfItem(atPath: snapshot)
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func aDryRunRefusesOverridesThatOverlap() async throws {
        try await withFolder { folder in
            let path = folder + "/m.yaml"
            func manifest(_ end: String) throws {
                try write(
                    """
                    tenants: [{id: acme}]
                    overrides:
                    - {tenant: acme, meter: ai_tokens, window: month, limit: 7, expires_at: \(end)}
                    """, path)
            }
            try await TestServer.run { server in
                #expect(try await server.weir("tenant", "create", "acme").status == 0)
                let limit = ["override", "set", "acme", "ai_tokens/month"]
                let later = try await server.weir(
                    limit + ["9", "--starts-at", "2099-05-01T00:00:00Z"])
                #expect(later.status == 0, "\(later.errors)")
                try manifest("2099-06-01T00:00:00Z")
                let refused = try await server.weir("apply", "-f", path, "--dry-run")
                #expect(refused.status == 1, "\(refused.errors)")
                let end = "2099-06-01T00:00:00Z"
                let said = try await server.weir(limit + ["7", "--expires-at", end])
                let words = "expires_at must be no later than 2099-05-01T00:00:00Z"
                for answer in [refused, said] {
                    #expect(answer.errors.contains(words), "\(answer.errors)")
                }
                try manifest("2099-05-01T00:00:00Z")
                #expect(try await server.weir("apply", "-f", path, "--dry-run").status == 3)
                let applied = try await server.weir("apply", "-f", path, "--yes")
                #expect(applied.status == 0, "\(applied.errors)")
            }
        }
    }

    @Test func aPlanThatDiffersIsNoPlanThatIsThere() async throws {
        try await withFolder { folder in
            let plan = folder + "/plan.yaml"
            let manifest = folder + "/m.yaml"
            let snapshot = folder + "/a.jsonl"
            let copy = folder + "/b.jsonl"
            try write(
                "{id: starter, limits: [{meter: ai_tokens, window: month, limit: 7}]}", plan)
            // What exists keeps what the manifest does not name.
            try write("plans: [{id: starter, weight: 3}]\nmeters: [{id: api_calls}]", manifest)
            try await TestServer.run { server in
                let put = try await server.weir("plan", "put", "-f", plan)
                #expect(put.status == 0, "\(put.errors)")
                let applied = try await server.weir("apply", "-f", manifest, "--yes")
                #expect(applied.status == 0, "\(applied.errors)")
                #expect(try await server.weir("export", "-o", snapshot).status == 0)
            }
            try await TestServer.run { server in
                let kept = try await server.weir("import", "snapshot", snapshot)
                #expect(kept.status == 1)
                #expect(kept.errors.contains("plan starter: is there already and differs"))
                #expect(kept.errors.contains("--on-conflict update"))
                let taken = try await server.weir(
                    "import", "snapshot", snapshot, "--on-conflict", "update")
                #expect(taken.status == 0, "\(taken.errors)")
                #expect(try await server.weir("export", "-o", copy).status == 0)
            }
            #expect(try lines(copy) == lines(snapshot))
            let starter = try #require(try lines(copy).first { $0["id"] == "starter" })
            #expect(starter["weight"] == 3)
            #expect(starter["limits"]?.arrayValue?.count == 1)
        }
    }

    @Test func aSnapshotThatSaysLessIsNoDifference() async throws {
        try await withFolder { folder in
            try write(
                """
                {"kind":"weir_export","version":1}
                {"kind":"plan","id":"p","limits":[{"meter":"ai_tokens","window":"day","limit":5}]}
                {"kind":"tenant","id":"a"}
                {"kind":"override","tenant":"a","meter":"ai_tokens","window":"week","limit":5,\
                "expires_at":"2100-01-01T00:00:00+01:00"}

                """, folder + "/a.jsonl")
            try await TestServer.run { server in
                for count in ["created                     3", "skipped, there already      3"] {
                    let result = try await server.weir("import", "snapshot", folder + "/a.jsonl")
                    #expect(result.status == 0, "\(result.errors)")
                    #expect(result.output.contains(count), "\(result.output)")
                }
            }
        }
    }

    @Test func anExportReplacesFilesAlone() async throws {
        try await withFolder { folder in
            try await TestServer.run { server in
                let script = """
                    cd '\(folder)' && mkfifo pipe && echo old > real && ln -s real link &&
                    { cat pipe > piped & } && "$WEIR" export -o pipe && wait &&
                    "$WEIR" export -o link && echo first > shown && "$WEIR" export -o /dev/stdout >> shown &&
                    [ -p pipe ] && [ -L link ] && cmp piped real && tail -n +2 shown | cmp - real &&
                    echo first > log && "$WEIR" export -o /dev/stderr 2>> log &&
                    tail -n +2 log | cmp - real &&
                    ln -s later dangling && "$WEIR" export -o dangling && [ -L dangling ] &&
                    cmp later real && ! "$WEIR" export -o none/ &&
                    { "$WEIR" export -o >(true); rc=$?; [ $rc = 0 ] || [ $rc = 141 ]; } &&
                    ! "$WEIR" export -o . && ls
                    """
                let result = try await server.bash(script)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output == "dangling\nlater\nlink\nlog\npipe\npiped\nreal\nshown\n")
                #expect(result.errors.contains("cannot write"))
            }
        }
    }

    @Test func failedRowsThatCannotBeKeptAreShown() async throws {
        try await withFolder { folder in
            try write("id,plan\na,free\n,free\n", folder + "/t.csv")
            try await TestServer.run { server in
                let result = try await server.weir(
                    "import", "tenants", folder + "/t.csv", "--errors-out", "/dev/full")
                #expect(result.status == 1)
                #expect(result.errors.contains("--errors-out cannot be written"))
                #expect(result.errors.contains("line 3: "))
                #expect(result.output.contains("created"))
            }
        }
    }

    @Test func whatFailsShowsNoHalfOfAnArray() async throws {
        try await TestServer.run { server in
            for line in ["usage nobody", "event nobody", "tenant list --organization nope"] {
                let result = try await server.weir(
                    line.split(separator: " ").map(String.init) + ["--json"])
                #expect(result.status == 1)
                #expect(result.output.isEmpty, "\(line)")
            }
            let empty = try await server.weir("key", "list", "--json")
            #expect(empty.output == "[]\n")
            for line in ["tenant show", "usage", "tenant close --yes"] {
                let result = try await server.weir(
                    line.split(separator: " ").map(String.init) + [""])
                #expect(result.status == 64)
                #expect(result.errors.contains("must not be empty"), "\(result.errors)")
            }
            let updated = try await server.weir(
                "meter", "update", "ai_tokens", "--record", "hourly")
            #expect(updated.status == 0, "\(updated.errors)")
            #expect(updated.output.contains("counter"))
            let folder = try await server.weir("apply", "-f", "/", "--yes")
            #expect(folder.errors.contains("it is a folder"))
        }
    }
}
