# Nothing in node_modules needs an install script.
FROM node:24-slim AS page
WORKDIR /app
COPY package.json package-lock.json ./
# with the optional packages: the bundler's own program is one of them
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
# the image brings Node 24 itself, so the packaged Node, an optional package, stays out
RUN npm ci --ignore-scripts --omit=dev --omit=optional && npm cache clean --force
COPY --from=page /app/dist ./dist
COPY app ./app
COPY bin ./bin
COPY connections ./connections
COPY engine ./engine
COPY nodes ./nodes
COPY pipelines ./pipelines
COPY scripts ./scripts
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
# one process that gets SIGTERM itself: it commits its epoch and ends with 0 (E9)
ENTRYPOINT ["node", "bin/telemetra.mjs"]
CMD ["--help"]
