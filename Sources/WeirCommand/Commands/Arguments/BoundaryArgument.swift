import ArgumentParser
import StrictJSON

/// Local times, separated by commas.
struct BoundaryArgument: ExpressibleByArgument {
    let json: JSONValue

    init(argument: String) {
        // The server says which of them is wrong.
        json = .array(argument.split(separator: ",").map { .string(String($0)) })
    }
}
