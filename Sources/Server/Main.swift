import ArgumentParser

/// The one executable: server, workers and the tools around them.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remaster",
        abstract: "Restores, upscales and expands video to HDR with its own neural networks on the GPU.",
        subcommands: [Serve.self, Account.self, Process.self, Plan.self, Doctor.self, Benchmark.self])
}
