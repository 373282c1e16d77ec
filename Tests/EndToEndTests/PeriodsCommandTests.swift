import Foundation
import Testing

/// `weir periods`, as a person calls it.
struct PeriodsCommandTests {
    private struct Preview: Decodable {
        struct Period: Decodable {
            var start: String
            var end: String
        }

        var zone: String
        var periods: [Period]
    }

    @Test(arguments: [
        (
            ["--zone", "Africa/Lagos", "--anchor", "2028-01-31T00:00", "--every", "month"],
            "2028-01-01",
            [
                "2028-01-30T23:00:00Z", "2028-02-28T23:00:00Z", "2028-03-30T23:00:00Z",
                "2028-04-29T23:00:00Z", "2028-05-30T23:00:00Z",
            ]
        ),
        (
            ["--zone", "UTC", "--anchor", "2024-02-29", "--every", "year"], "2025-01-01",
            [
                "2025-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ]
        ),
        (
            ["--zone", "America/New_York", "--every", "month"], "2026-03-01",
            ["2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"]
        ),
    ])
    func previewsTheBoundaries(
        _ arguments: [String],
        from: String,
        boundaries: [String]
    ) async throws {
        let all =
            ["periods"] + arguments
            + ["--from", from, "--count", String(boundaries.count), "--json"]
        try await ChildCommand.run(all) { command in
            #expect(try await command.exitStatus() == 0, "\(command.errors)")
            let preview = try JSONDecoder().decode(Preview.self, from: Data(command.output.utf8))
            #expect(preview.periods.map(\.start) == boundaries)
            #expect(
                preview.periods.dropLast().map(\.end) == Array(boundaries.dropFirst()),
                "neighbours share their boundary")
        }
    }

    @Test(arguments: [
        (["--zone", "Africa/Lagoos"], "--zone"), (["--every", "fortnight"], "--every"),
        (["--anchor", "2028-02-31T00:00"], "--anchor"), (["--count", "0"], "--count"),
        (["--from", "yesterday"], "--from"),
    ])
    func refusesWhatIsWrong(_ wrong: [String], naming flag: String) async throws {
        var arguments = [
            "--zone": "UTC", "--every": "month", "--from": "2028-01-01", "--count": "2",
        ]
        arguments[wrong[0]] = wrong[1]
        let all = ["periods"] + arguments.flatMap { [$0.key, $0.value] }
        try await ChildCommand.run(all) { command in
            let status = try await command.exitStatus()
            #expect(status != 0)
            #expect(command.errors.contains(flag), "\(command.errors)")
        }
    }
}
