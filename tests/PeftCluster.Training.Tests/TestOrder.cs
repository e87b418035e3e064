// Tests count the live tensors and the memory of the whole process, so they run one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
