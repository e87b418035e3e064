# One image, one executable: what it does is decided by its arguments.
# The .NET 10 images are Ubuntu 24.04, whose libstdc++ is new enough for libtorch; no loader patch is needed there.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# cpu (default) or cuda: see README, "GPU".
ARG TORCH=cpu
RUN dotnet publish src/PeftCluster.Cli -c Release -o /app -p:Torch=${TORCH}

FROM mcr.microsoft.com/dotnet/runtime:10.0
WORKDIR /peft
COPY --from=build /app /app
# ICU is not needed: the build is culture-invariant.
ENV PEFTCLUSTER_HOME=/cache PATH=/app:$PATH
VOLUME ["/cache", "/peft/runs"]
ENTRYPOINT ["peft"]
CMD ["--help"]
