import ArgumentParser
import Foundation
import Testing

@testable import WeirCommand

/// Walks through all commands.
struct CommandTreeTests {
    private struct Place {
        var path: [String]
        var type: any ParsableCommand.Type
    }

    private var places: [Place] {
        var places: [Place] = []
        var open = [Place(path: ["weir"], type: Weir.self)]
        while let place = open.popLast() {
            places.append(place)
            for type in subcommands(of: place.type) {
                open.append(Place(path: place.path + [type._commandName], type: type))
            }
        }
        return places
    }

    private func examples(_ place: Place) -> [String] {
        let text = place.type.configuration.discussion
        guard let start = text.range(of: "Example:") else { return [] }
        return text[start.upperBound...].split(separator: "\n")
            .map { $0.trimmingPrefix { $0 == " " } }
            .filter { $0.hasPrefix("weir ") }
            .map(String.init)
    }

    @Test func thereAreAllCommands() {
        let names = Set(places.map { $0.path.dropFirst().joined(separator: " ") })
        let asked = [
            "quota check", "quota consume", "quota stats", "quota usage", "quota warm",
            "quota clear", "quota health", "tenant list", "tenant show", "tenant create",
            "tenant update", "tenant close", "tenant reset", "organization list", "key list",
            "key show", "key create", "key update", "key suspend", "key activate", "key revoke",
            "key rotate", "service-key rotate", "plan list", "plan show", "plan put",
            "plan delete", "meter list", "meter create", "meter show", "override list",
            "override set", "override show", "override delete", "usage", "event", "period",
            "allocation set", "allocation add", "reservation list", "reservation show",
            "reservation settle", "reservation void", "suspect list", "suspect resolve",
            "adjustment create", "audit", "apply", "export", "import tenants", "import keys",
            "import quota-hash", "import daily", "import snapshot", "verify",
            "backup", "restore", "mock-backend", "explain", "cost list", "cost export",
            "ask plan", "ask limit", "ask can-generate", "ask remaining", "ask near",
            "whatif", "webhook list", "webhook show", "webhook create", "webhook update",
            "webhook delete", "webhook rotate", "webhook deliveries", "webhook replay",
            "grant list", "grant create", "grant revoke", "notification list",
            "notification follow",
        ]
        for name in asked { #expect(names.contains(name), "\(name)") }
    }

    @Test func everyCommandHasAnExampleThatParses() {
        for place in places {
            let name = place.path.joined(separator: " ")
            let examples = examples(place)
            #expect(!examples.isEmpty, "\(name) has no example")
            #expect(!place.type.configuration.abstract.isEmpty, "\(name) says nothing")
            for example in examples {
                let shell = example.prefix { $0 != ">" }
                #expect(throws: Never.self, "\(example)") {
                    _ = try command(String(shell.dropFirst(5)))
                }
            }
            let isOwn = examples.contains { example in
                example == name || example.hasPrefix(name + " ")
            }
            #expect(isOwn, "no example of \(name) calls it")
        }
    }

    @Test(arguments: [
        "tenant close a", "tenant reset a ai_tokens/month", "key revoke k", "key rotate k",
        "service-key revoke k", "service-key rotate k", "plan delete p",
        "organization delete o", "override delete a ai_tokens/month",
        "reservation void r", "reservation settle r --charge ai_tokens=0",
        "webhook delete w", "webhook rotate w", "grant revoke a g_1", "suspect resolve g --used 1",
        "adjustment create a ai_tokens --amount=-5",
    ])
    func whatCannotBeUndoneAsksFirst(line: String) throws {
        let asking = try #require(try command(line) as? any ConfirmedCommand)
        #expect(!asking.isConfirmed)
        #expect(asking.question.hasSuffix("?"))
        let confirmed = try #require(try command(line + " --yes") as? any ConfirmedCommand)
        #expect(confirmed.isConfirmed)
    }

    @Test(arguments: [
        "serve --port abc", "serve --port 99999", "serve --admin-port x", "serve --log-level loud",
        "serve --drain-seconds 3601", "serve --config /dev/null/weir.yaml",
        "tenant list --url ftp://x",
    ])
    func whatTheLineSaysWrongEndsWithUsage(line: String) throws {
        let error = try #require(throws: (any Error).self) { try command(line) }
        #expect(Weir.exitCode(for: error) == .validationFailure)
    }

    @Test func everyFileIsCompleted() throws {
        let lines = Weir.completionScript(for: .zsh).split(separator: "\n")
        let files = lines.filter { line in
            ["--file[", "-o[", "--output[", "-out[", "-file[", "--config[", "--tls-", ":file:"]
                .contains { line.contains($0) }
        }
        #expect(!files.isEmpty)
        for line in files { #expect(line.contains("_files"), "\(line)") }
    }

    @Test(arguments: [
        ("audit --tenant a", "/api/admin/tenants/a"),
        ("key list --tenant a", "/api/admin/tenants/a"),
        ("reservation list --tenant a", "/api/admin/tenants/a"),
        ("suspect list --tenant a", "/api/admin/tenants/a"),
        ("tenant list --organization o", "/api/admin/organizations/o"),
    ])
    func anEmptyListAsksForWhatItIsOf(line: String, target: String) throws {
        let list = try #require(try command(line) as? any ListCommand)
        #expect(list.owner?.target == target)
        let all = try #require(
            try command(line.split(separator: " --")[0].description) as? any ListCommand)
        #expect(all.owner == nil)
    }

    @Test func noOptionTakesASecret() {
        for wrong in ["--token", "--admin-token", "--password"] {
            #expect(throws: (any Error).self) { try command("tenant list \(wrong) x") }
        }
        let help = ConnectionOptions.helpMessage(columns: 200)
        #expect(help.contains("--token-file <file>"))
        #expect(!help.contains("--token <"))
    }

    @Test func theRootTellsExitCodesAndCompletions() {
        let help = Weir.helpMessage(columns: 100)
        for text in [
            "Exit codes: 0 done", "--generate-completion-script", "WEIR_URL", "WEIR_ADMIN_TOKEN",
        ] {
            #expect(help.contains(text), "\(text)")
        }
        #expect(Weir.completionScript(for: .bash).contains("override"))
    }
}
