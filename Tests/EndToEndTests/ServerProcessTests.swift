import Foundation
import Testing
import WeirClient

@Suite("child processes")
struct ServerProcessTests {
    /// Runs a script of the shell to its end, with `body` beside it.
    private func run(
        _ script: String, _ body: (ServerProcess, ServerLaunch) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let launch = ServerLaunch(
            executable: "/bin/sh", arguments: ["-c", script, "sh", "a b", ""],
            environment: ["GREETING": "good morning"], folder: folder.path)
        let process = try ServerProcess(launch)
        try await body(process, launch)
        await process.crash()
        #expect(!process.isRunning)
    }

    private func waitForEnd(_ process: ServerProcess) async throws {
        let hasEnded = try await Poll.until(within: .seconds(60)) { !process.isRunning }
        #expect(hasEnded)
    }

    @Test func aChildHasItsArgumentsEnvironmentAndFolder() async throws {
        let script = #"echo "$GREETING, $# $1, $(pwd -P)"; echo no >&2; cat; exit 3"#
        try await run(script) { process, launch in
            try await waitForEnd(process)
            #expect(await process.stop() == 3)
            let folder = URL(fileURLWithPath: launch.folder).resolvingSymlinksInPath().path
            let output = try String(contentsOfFile: launch.outputPath, encoding: .utf8)
            #expect(output == "good morning, 2 a b, \(folder)\n")
            #expect(try String(contentsOfFile: launch.errorPath, encoding: .utf8) == "no\n")
        }
    }

    @Test func aSignalLeavesNoStatus() async throws {
        try await run("kill -KILL $$") { process, _ in
            try await waitForEnd(process)
            #expect(await process.stop() == nil)
        }
        try await run("exec sleep 600") { process, _ in
            #expect(process.isRunning)
            #expect(await process.stop() == nil)
        }
        try await run("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done") {
            process, launch in
            let isReady = try await Poll.until(within: .seconds(60)) {
                (try? String(contentsOfFile: launch.outputPath, encoding: .utf8)) == "ready\n"
            }
            #expect(isReady)
            #expect(await process.stop() == 5)
        }
    }

    @Test func aProgramThatIsMissingIsNamed() throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let launch = ServerLaunch(
            executable: folder.path + "/none", arguments: [], environment: [:],
            folder: folder.path)
        let failure = #expect(throws: ServerFailure.self) { try ServerProcess(launch) }
        #expect(failure?.description.contains("/none: No such file") == true)
    }

    /// Foundation's `Process` crashed here now and then, when its list of open files ended at the
    /// end of the memory that the process has.
    @Test func aChildIsStartedBesideManyOpenFilesAndInheritsNone() async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let path = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: path))
        let handles = try (0..<1_500)
            .map { _ in
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                // As a socket is made: without the flag that closes it in a child.
                _ = fcntl(handle.fileDescriptor, F_SETFD, 0)
                return handle
            }
        try await run("ls /dev/fd/ | tr '\n' ' '") { process, launch in
            try await waitForEnd(process)
            // The fourth is the list's own.
            let output = try String(contentsOfFile: launch.outputPath, encoding: .utf8)
            #expect(output == "0 1 2 3 ")
        }
        for handle in handles { try handle.close() }
    }
}
