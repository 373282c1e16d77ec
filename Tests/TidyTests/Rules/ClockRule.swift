/// Time is a parameter: only the edge reads clocks, and no test waits for one.
enum ClockRule {
    /// The edge: files and folders that may read clocks and sleep.
    static let edges = [
        "Sources/EmbeddedNode/",
        "Sources/PostgresWire/Deadline.swift",
        "Sources/WeirServer/",
        "Sources/WeirClient/",
        "Sources/MockBackend/Server/",
        "Sources/WeirCommand/",
        "Sources/weir-bench/",
        "Sources/weir-simulate/",
    ]

    static let why = """
        Policy code that reads a clock cannot be tested at month's end or after a leap day, and a \
        test that sleeps is slow on one machine and fails on another. Take the time as a \
        parameter and let a test advance it by hand. If the file is where time enters Weir, add \
        it to ClockRule.edges.
        """

    private static let clocks = [
        Word("Date()"), Word("Date.now"), Word("Date(timeIntervalSinceNow"),
        Word("ContinuousClock.now"), Word("ContinuousClock()"), Word("SuspendingClock"),
        Word("DispatchTime.now"), Word("NIODeadline.now"), Word("systemUptime"),
        Word("clock_gettime"), Word("gettimeofday"),
    ]

    private static let sleeps = [
        Word("Task.sleep"), Word("Thread.sleep"), Word("usleep("), Word("nanosleep("),
        Word("sleep(", isFreeFunction: true),
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwift, !file.hasPrefix(in: edges) else { return [] }
        let words = file.isInSources ? clocks + sleeps : file.isInTests ? sleeps : []
        return words.flatMap { file.findings(of: $0) }
    }
}
